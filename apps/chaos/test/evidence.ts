import { readdirSync, readFileSync } from 'node:fs';
import type { ZooKeeper } from '@drover/zookeeper';
import type { Server } from '../src/system.js';
import type { TestMember, TestSystem } from './members.js';
import type { ToldProcess } from './told-process.js';
import { startProbe, untilThere } from './world.js';

/** The facts that a test has while one fault is under way. */
export interface Scene {
  readonly system: TestSystem;
  /** A handle through doors that no fault affects. */
  readonly observer: ZooKeeper;
  readonly members: readonly TestMember[];
  readonly servers: readonly Server[];
  /** Pids of the targets before the fault. */
  readonly pids: readonly (number | undefined)[];
  /** The number of lines that each member had logged before the fault. */
  readonly told: readonly number[];
  /** One session with each server alone, opened before the fault. */
  readonly sessions: readonly ZooKeeper[];
  /** The process that `before` returned. */
  readonly probe: ToldProcess | undefined;
}

/** Checks that a fault has its effect on the target: each function rejects, or never resolves, if it has not. */
export interface Evidence {
  readonly before?: (system: TestSystem) => Promise<ToldProcess>;
  readonly during?: (scene: Scene) => Promise<unknown>;
  readonly after?: (scene: Scene) => Promise<unknown>;
}

function tells(event: string): (scene: Scene) => Promise<unknown> {
  return ({ members, told }) => Promise.all(members.map((member, index) => member.process.next(event, told[index])));
}

function expect(fact: boolean, message: string): void {
  if (!fact) throw new Error(message);
}

const otherProcesses: Evidence['after'] = async ({ members, servers, pids }) => {
  const now = [...members, ...servers].map(({ pid }) => pid);
  expect(
    now.every((pid, index) => pid !== undefined && pid !== pids[index]),
    `still the processes ${now.join()}`,
  );
};

const killed: Evidence = {
  async during({ pids, sessions }) {
    for (const pid of pids) expect(!isAlive(pid), `process ${pid} lives`);
    await Promise.all(sessions.map(untilNotConnected));
  },
  after: otherProcesses,
};
const apiKilled: Evidence = {
  during: tells('api.ended'),
  async after(scene) {
    await tells('api.listening')(scene);
    const { members, pids } = scene;
    expect(
      members.every(({ pid }, index) => pid === pids[index]),
      'the scheduler itself has ended',
    );
  },
};
const replaced: Evidence = { after: otherProcesses };

const cutOff: Evidence = { during: tells('session.suspended'), after: tells('session.connected') };
const expired: Evidence = { after: tells('session.expired') };

const pausedTooLong: Evidence = {
  async during({ observer, members }) {
    for (const member of members) await untilThere(observer, await ephemeralOf(member, observer), false);
  },
  after: tells('session.expired'),
};

const serverPaused: Evidence = {
  during: ({ sessions }) => Promise.all(sessions.map(untilNotConnected)),
  after: ({ servers }) => Promise.all(servers.map((server) => server.ready())),
};

/** ZooKeeper has another leader, and without the old one a majority. */
const leaderReplaced: Evidence = {
  async during({ system, servers: [old], observer, sessions }) {
    await Promise.all(sessions.map(untilNotConnected));
    await write(observer);
    const states = await Promise.all(system.topology.servers.map((server) => server.state()));
    const leads = system.topology.servers.filter((server, index) => server !== old && states[index] === 'leader');
    expect(leads.length === 1, `there are ${leads.length} other leaders`);
  },
};

const clockMoved: Evidence = {
  async during({ members: [client], told }) {
    expect(client?.role === 'client', 'this test is of a client');
    for (let number = 1; ; number++) {
      const path = `/clock-${number}`;
      client?.process.send(path);
      const line = await client?.process.told.first((said) => said.event === 'created' && said.path === path);
      if (Math.abs(Date.parse(line?.time ?? '') - Date.now()) > 3_600_000) break;
    }
    const since = client?.lines.slice(told[0]) ?? [];
    expect(!since.some(({ event }) => event?.startsWith('session.')), 'it disturbed the session');
  },
};

const diskFull: Evidence = {
  async during({ observer, sessions }) {
    await write(observer, ROOMY);
    await Promise.all(sessions.map(untilNotConnected));
  },
};

/** The follower finds the leader, and cannot follow it. */
const followerLost: Evidence = {
  during: async ({ sessions: [, ofFollower] }) => ofFollower && untilNotConnected(ofFollower),
};

/** A probe in the same home connects to one server only: it loses that server. */
const cutFromOne: Evidence = {
  async before({ members }) {
    const home = members.at(-1)?.home;
    const probe = home && startProbe(home, undefined, home.connectString.split(',').at(-1));
    if (probe === undefined) throw new Error('no home');
    await probe.next('ready');
    return probe;
  },
  during: async ({ probe }) => probe?.next('session.suspended'),
  after: async ({ probe }) => {
    await probe?.next('session.connected', 2);
    await probe?.end('SIGKILL');
  },
};

const diskSlow: Evidence = {
  during: async ({ pids }) => expect(isTraced(pids[0]), 'nobody slows its thread'),
  after: async ({ pids }) => expect(!isTraced(pids[0]), 'its thread is still slowed'),
};

/** Which evidence belongs to a fault, by the beginning of its name; the first that fits. */
const EVIDENCE: readonly [string, Evidence][] = [
  ['kill-api-', apiKilled],
  ['kill-', killed],
  ['pause-zookeeper', serverPaused],
  ['pause-', pausedTooLong],
  ['cut-zookeeper-leader', leaderReplaced],
  ['cut-zookeeper-pair', followerLost],
  ['cut-one-server', cutFromOne],
  ['cut-', cutOff],
  ['restart-', replaced],
  ['deploy-', replaced],
  ['close-session-', expired],
  ['jump-clock', clockMoved],
  ['fill-disk', diskFull],
  ['slow-disk', diskSlow],
];

export function evidenceOf(fault: string): Evidence {
  const found = EVIDENCE.find(([prefix]) => fault.startsWith(prefix));
  if (found === undefined) throw new Error(`${fault}: say in evidence.ts what it must do`);
  return found[1];
}

/** Larger than the room that is left in a block which is on the disk already. */
const ROOMY = 'x'.repeat(100_000);

/** Resolves when ZooKeeper has accepted a write that began now. */
async function write(zk: ZooKeeper, data = ''): Promise<void> {
  for (let written = false; !written;) {
    await zk.connected();
    written = await zk.set('/', data).then(
      () => true,
      // A write that was under way when its server lost the majority.
      () => false,
    );
  }
}

function untilNotConnected(zk: ZooKeeper): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (zk.state !== 'connected') resolve();
    };
    zk.onState(look);
    look();
  });
}

async function ephemeralOf(member: TestMember, zk: ZooKeeper): Promise<string> {
  const { role, name } = member;
  if (role === 'client') return member.last('ready')?.path ?? '/';
  if (role === 'scheduler') return `/drover/schedulers/${name}`;
  const workers = await zk.children('/drover/workers');
  return `/drover/workers/${workers.find((worker) => worker.startsWith(`${name}-`))}`;
}

function isAlive(pid: number | undefined): boolean {
  try {
    // One that only waits for its parent to look has ended.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
  } catch {
    return false;
  }
}

function isTraced(pid: number | undefined): boolean {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.some(
    (thread) => !readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8').includes('TracerPid:\t0'),
  );
}
