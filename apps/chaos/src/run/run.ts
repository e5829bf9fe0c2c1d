/**
 * One run: the system starts, works in calm, meets fault after fault, is healed and works in calm again; then clients
 * read every result, retention removes all batches, and everything stops in order. The run leaves the histories.
 */
import { connect, type Drover } from '@drover/client';
import { planHash, planPath, SESSION_KEY } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper } from '@drover/zookeeper';
import { SUMS } from '../client/sums.js';
import type { DefinitionLine, FaultLine, Sample } from '@drover/verify';
import { Definer } from '../definitions/define.js';
import { LIMITS } from '../definitions/limits.js';
import { FAULTS } from '../faults/index.js';
import { Journal } from '../journal.js';
import type { MemberProcess } from '../members/member-process.js';
import { ROOT } from '../members/roles.js';
import { ToldEvents } from '../members/told.js';
import { sampleMemory, type MemorySample } from '../memory/memory.js';
import { differencesOf } from '../observer/differences.js';
import { Observer } from '../observer/observer.js';
import { planOf } from '../plan/plan.js';
import { startResource } from '../resource/start-resource.js';
import type { Fault, Topology } from '../system.js';
import { monotonicMs } from '../time.js';
import { startTopology } from '../topology/topology.js';
import { inject } from './inject.js';
import { pause } from './pause.js';
import { readFires } from './read-fires.js';
import { RunningSystem } from './running-system.js';
import type { Setup } from './setup.js';
import { finishClients, healAll, untilBaseline } from './settle.js';
import { makeMembers } from './start-members.js';
import { play } from '../scenario/play.js';
import { QUEUES_OF_CASES } from '../scenario/scenario.js';

/** The longest time of a recovery beyond the session timeout. */
const RECOVERY_MS = 5_000;
const START_MS = 60_000;
const LOOK_MS = 100;
/** Long: a machine that is busy with something else must not end the run. */
const COMMAND_MS = 60_000;
/** Faults that come more often than others, because figures are computed from them and need more than one time. */
const OFTEN: Readonly<Record<string, number>> = { 'kill-leader': 4, 'deploy-schedulers': 2 };

export interface Ran {
  topology: Topology['kind'];
  told: ToldEvents;
  /** Faults beyond those that the histories show, one sentence each. */
  broken: string[];
  /** Beginning and end of the load, by `monotonicMs`. */
  load: { fromMs: number; toMs: number };
  /** `left`: paths that were not there before the work. */
  znodes: { baseline: number; last: number | null; left: string[] };
  /** Paths that are not alike on all servers, when everything has come to rest. */
  differences: string[];
}

/** The parts of a run that go on, and how to end them. */
export interface Running {
  readonly setup: Setup;
  signal: AbortSignal;
  say: (line: string) => void;
  topology: Topology;
  told: ToldEvents;
  members: MemberProcess[];
  observer: Observer;
  /** Through doors that no fault touches. */
  drover: Drover;
  definer: Definer;
  system: RunningSystem;
}

/** Rejects when the run could not be carried out, or with the signal's reason; no process is left running then. */
export async function run(setup: Setup, signal: AbortSignal, say: (line: string) => void): Promise<Ran> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const running = await start(setup, signal, say, (close) => closing.push(close));
    const { topology, told, members, observer } = running;
    const before = await pathsAtRest(observer, setup.viewers !== null, signal);
    // The first sample of the history.
    await observer.size();
    const baseline = before.length;
    say(`${topology.kind}: ${members.length} processes and ${topology.servers.length} servers, ${baseline} znodes`);
    const fromMs = monotonicMs();
    if (setup.lastsMs > 0) await disturb(running);
    const [unmet] = await Promise.all([play(running), setup.lastsMs > 0 ? recover(running) : null]);
    const load = { fromMs, toMs: monotonicMs() };
    const broken = [...unmet, ...(await settle(running))];
    const last = await untilBaseline(observer, baseline, setup.retainMs, signal);
    signal.throwIfAborted();
    const left = (await observer.paths(signal)).filter((path) => !before.includes(path));
    const differences = await differencesOf(addressesOf(topology));
    return { topology: topology.kind, told, broken, load, znodes: { baseline, last, left }, differences };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/**
 * Nothing that was asked for before the work is under way any more: whoever asked removes the answer. And the znode is there that the
 * first API makes for all.
 */
async function pathsAtRest(observer: Observer, servesApi: boolean, signal: AbortSignal): Promise<string[]> {
  for (;;) {
    const paths = await observer.paths(signal);
    const isComplete = !servesApi || paths.includes(SESSION_KEY);
    if (isComplete && !paths.some((path) => path.startsWith('/commands/'))) return paths;
    await pause(LOOK_MS, signal);
    signal.throwIfAborted();
  }
}

/** Starts everything but the clients. `later` takes functions that are called at the end, the last one first. */
async function start(
  setup: Setup,
  signal: AbortSignal,
  say: (line: string) => void,
  later: (close: () => Promise<void>) => void,
): Promise<Running> {
  const { paths, tickMs } = setup;
  const topology = await startTopology({
    ...(setup.topology === null ? {} : { kind: setup.topology }),
    folder: paths.folder,
    tickMs,
    clocks: wanted(setup).some(({ needs }) => needs === 'clocks'),
    note: say,
  });
  later(() => topology.close());
  later(await startResource(paths));
  const told = new ToldEvents();
  const members = await makeMembers(topology, setup, told);
  later(() => stopAll(members));
  await startSystem(members, told, signal);
  const drover = await connect({ zk: addressesOf(topology).join(',') + ROOT, commandTimeout: COMMAND_MS });
  later(() => drover.close());
  await setPriorities(drover);
  const definer = new Definer(drover, new Journal<DefinitionLine>(paths.definitions));
  for (const limit of LIMITS) await definer.limit(limit);
  if (setup.runsPerSecond > 0) await putPlan(addressesOf(topology).join(',') + ROOT);
  // The observer starts after priorities, limits and the plan are set: the znodes that it counts first must be there again in the end.
  const observer = new Observer(addressesOf(topology), new Journal<Sample>(paths.samples));
  later(() => observer.close());
  later(sampleMemory(() => processesOf(members, topology), new Journal<MemorySample>(paths.memory)));
  const timings = { sessionTimeoutMs: setup.sessionTimeoutMs, tickMs };
  const faults = new Journal<FaultLine>(paths.faults);
  const system = new RunningSystem(topology, members, timings, faults, () => observer.leader);
  return { setup, signal, say, topology, told, members, observer, drover, definer, system };
}

/** Calm work, then faults, then healing; the load goes on. */
async function disturb({ setup, signal, say, topology, told, members, definer, system }: Running): Promise<void> {
  const { sessionTimeoutMs, calmMs, seed, lastsMs } = setup;
  for (const schedule of setup.schedules) await definer.set(schedule);
  await startClients(members, told, signal);
  for (const viewers of of(members, 'viewers')) await viewers.start();
  await pause(calmMs, signal);
  const faults = possible(wanted(setup), topology, say);
  const kinds = faults.flatMap(({ name }) => Array<string>(OFTEN[name] ?? 1).fill(name));
  const plan = planOf({ seed, kinds, sessionTimeoutMs, recoveryMs: RECOVERY_MS });
  await inject({ system, faults, plan, untilMs: monotonicMs() + lastsMs, signal, say });
  if (faults.length === 0) await pause(lastsMs, signal);
  await healAll(members, () => topology.healServers());
}

/** Longer than a recovery may take, and then calm work. */
async function recover({ setup: { sessionTimeoutMs, calmMs }, signal }: Running): Promise<void> {
  await pause(sessionTimeoutMs + RECOVERY_MS + calmMs, signal);
}

/** Clients read every result. Resolves with a sentence for each client that could not. */
async function settle({ setup, members, signal, say, drover, definer }: Running): Promise<string[]> {
  say('schedules end');
  await Promise.all(setup.schedules.map((schedule) => definer.finish(schedule, signal)));
  await readFires(setup, drover);
  say('clients read what is still to come');
  const late = await finishClients(of(members, 'client'), signal);
  // They go last, and each looks whether every API answers.
  for (const viewers of of(members, 'viewers')) await viewers.stop('SIGTERM');
  say('retention removes what there was');
  return late.map((name) => `${name} was not told every result`);
}

const of = (members: readonly MemberProcess[], role: MemberProcess['role']): MemberProcess[] =>
  members.filter((member) => member.role === role);

async function startSystem(members: readonly MemberProcess[], told: ToldEvents, signal: AbortSignal): Promise<void> {
  const system = members.filter(({ role }) => role === 'scheduler' || role === 'worker');
  await Promise.all(system.map((member) => member.start()));
  const soon = soonEnough(signal);
  await told.until('worker.registered', of(members, 'worker').length, soon);
  await told.until('session.connected', system.length, soon);
  await told.until('term.began', 1, soon);
}

/**
 * Starts the clients and waits for them: on a busy machine they may take longer to start than the calm time lasts, and
 * the load in that time is compared with later load.
 */
async function startClients(members: readonly MemberProcess[], told: ToldEvents, signal: AbortSignal): Promise<void> {
  const clients = of(members, 'client');
  await Promise.all(clients.map((client) => client.start()));
  await told.until('client.connected', clients.length, soonEnough(signal));
}

const soonEnough = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(START_MS)]);

/** The plan of all runs: the leader keeps it for ten minutes after the last of them. */
async function putPlan(connect: string): Promise<void> {
  const zk = connectZooKeeper({ connect, sessionTimeoutMs: START_MS, runtime: systemRuntime });
  try {
    await zk.connected();
    await zk.create(planPath(planHash(SUMS.text)), SUMS.text);
  } finally {
    await zk.close();
  }
}

/** Settings of queues are persistent znodes, so they are written before the baseline is counted. */
async function setPriorities(drover: Drover): Promise<void> {
  await drover.configureQueue('urgent', { priority: 10 });
  await drover.configureQueue('bulk', { priority: -1, tenants: { 'tenant-1': 3 } });
  for (const queue of Object.values(QUEUES_OF_CASES)) await drover.configureQueue(queue, { weight: 2 });
}

function wanted({ faults, viewers }: Setup): Fault[] {
  const isServed = ({ ofViewers }: Fault): boolean => ofViewers !== true || viewers !== null;
  return FAULTS.filter((fault) => isServed(fault) && (faults === null || faults.includes(fault.name)));
}

/** The faults that are possible on this system; for each other one a line says why it is left out. */
function possible(faults: readonly Fault[], { missing }: Topology, say: (line: string) => void): Fault[] {
  return faults.filter(({ name, needs }) => {
    const why = needs === undefined ? undefined : missing[needs];
    if (why !== undefined) say(`${name} is left out: ${why}`);
    return why === undefined;
  });
}

function addressesOf({ servers }: Topology): string[] {
  return servers.map(({ address }) => address);
}

function* processesOf(
  members: readonly MemberProcess[],
  topology: Topology,
): Generator<{ name: string; pid: number | undefined }> {
  yield* members;
  for (const { number, pid } of topology.servers) yield { name: `zookeeper-${number}`, pid };
}

/** Stops clients, then workers, then schedulers: workers hand back their tasks while a scheduler leads. */
async function stopAll(members: readonly MemberProcess[]): Promise<void> {
  for (const role of ['viewers', 'client', 'worker', 'scheduler'] as const) {
    await Promise.all(
      of(members, role).map(async (member) => {
        await member.stop('SIGCONT');
        await member.stop(role === 'client' || role === 'viewers' ? 'SIGKILL' : 'SIGTERM');
      }),
    );
  }
}
