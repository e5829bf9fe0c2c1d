/**
 * One run: the system starts, works in calm, meets fault after fault, is healed and works in calm again; then clients
 * read every result, retention removes what there was, and everything stops in order. What it leaves are the histories.
 */
import { connect } from '@drover/client';
import type { FaultLine, Sample } from '@drover/verify';
import { FAULTS } from '../faults/index.js';
import { Journal } from '../journal.js';
import type { MemberProcess } from '../members/member-process.js';
import { ROOT } from '../members/roles.js';
import { ToldEvents } from '../members/told.js';
import { sampleMemory, type MemorySample } from '../memory/memory.js';
import { Observer } from '../observer/observer.js';
import { planOf } from '../plan/plan.js';
import { startResource } from '../resource/start-resource.js';
import type { Fault, Topology } from '../system.js';
import { monotonicMs } from '../time.js';
import { startTopology } from '../topology/topology.js';
import { inject } from './inject.js';
import { pause } from './pause.js';
import { RunningSystem } from './running-system.js';
import type { Setup } from './setup.js';
import { finishClients, healAll, untilBaseline } from './settle.js';
import { makeMembers } from './start-members.js';

/** What recovery may take beyond the session timeout. */
const RECOVERY_MS = 5_000;
const START_MS = 60_000;

export interface Ran {
  topology: Topology['kind'];
  told: ToldEvents;
  /** What must not have been, beyond what the histories show. */
  broken: string[];
  znodes: { baseline: number | null; last: number | null };
}

/** Rejects when the run itself could not be carried out, or with the signal's reason; nothing is left running then. */
export async function run(setup: Setup, signal: AbortSignal, say: (line: string) => void): Promise<Ran> {
  const closing: (() => Promise<void>)[] = [];
  try {
    return await carryOut(setup, signal, say, (close) => closing.push(close));
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function carryOut(
  setup: Setup,
  signal: AbortSignal,
  say: (line: string) => void,
  later: (close: () => Promise<void>) => void,
): Promise<Ran> {
  const { paths, sessionTimeoutMs, tickMs, calmMs, seed } = setup;
  const { kind } = setup.topology === null ? {} : { kind: setup.topology };
  const topology = await startTopology({
    ...(kind === undefined ? {} : { kind }),
    folder: paths.folder,
    tickMs,
    clocks: true,
    note: say,
  });
  later(() => topology.close());
  later(await startResource(paths));
  const told = new ToldEvents();
  const members = await makeMembers(topology, setup, told);
  later(() => stopAll(members));

  await startSystem(members, told, signal);
  const addresses = topology.servers.map(({ address }) => address);
  await setPriorities(addresses);
  const samples = new Journal<Sample>(paths.samples);
  const observer = new Observer(addresses, samples);
  later(() => observer.close());
  const memory = new Journal<MemorySample>(paths.memory);
  const stopSampling = sampleMemory(() => processesOf(members, topology), memory);
  later(async () => {
    stopSampling();
  });
  const baseline = await observer.size();
  say(`${topology.kind}: ${members.length} processes and ${addresses.length} servers run, ${baseline ?? '?'} znodes`);

  await Promise.all(of(members, 'client').map((client) => client.start()));
  await pause(calmMs, signal);
  const faultLines = new Journal<FaultLine>(paths.faults);
  const system = new RunningSystem(topology, members, { sessionTimeoutMs, tickMs }, faultLines, () => observer.leader);
  const faults = chosen(setup.faults, topology.missing, say);
  const untilMs = monotonicMs() + setup.lastsMs;
  const kinds = faults.map(({ name }) => name);
  const plan = planOf({ seed, kinds, sessionTimeoutMs, recoveryMs: RECOVERY_MS });
  await inject({ system, faults, plan, untilMs, signal, say });
  if (faults.length === 0) await pause(setup.lastsMs, signal);
  await healAll(members, () => topology.healServers());
  await pause(sessionTimeoutMs + RECOVERY_MS + calmMs, signal);

  say('clients read what is still to come');
  const late = await finishClients(of(members, 'client'), signal);
  const broken = late.map((name) => `${name} was not told every result`);
  say('retention removes what there was');
  const last = baseline === null ? null : await untilBaseline(observer, baseline, setup.retainMs, signal);
  signal.throwIfAborted();
  await stopAll(members);
  return { topology: topology.kind, told, broken, znodes: { baseline, last } };
}

const of = (members: readonly MemberProcess[], role: MemberProcess['role']): MemberProcess[] =>
  members.filter((member) => member.role === role);

async function startSystem(members: readonly MemberProcess[], told: ToldEvents, signal: AbortSignal): Promise<void> {
  const system = members.filter(({ role }) => role !== 'client');
  await Promise.all(system.map((member) => member.start()));
  const soon = AbortSignal.any([signal, AbortSignal.timeout(START_MS)]);
  await told.until('worker.registered', of(members, 'worker').length, soon);
  await told.until('session.connected', system.length, soon);
  await told.until('term.began', 1, soon);
}

/** What queues are is persistent, so it belongs to the baseline. */
async function setPriorities(addresses: readonly string[]): Promise<void> {
  const drover = await connect({ zk: addresses.join(',') + ROOT });
  await drover.configureQueue('urgent', { priority: 10 });
  await drover.configureQueue('bulk', { priority: -1 });
  await drover.close();
}

/** Those that were asked for and that this machine can do. */
function chosen(names: readonly string[] | null, missing: Topology['missing'], say: (line: string) => void): Fault[] {
  return FAULTS.filter(({ name, needs }) => {
    if (names !== null && !names.includes(name)) return false;
    const why = needs === undefined ? undefined : missing[needs];
    if (why !== undefined) say(`${name} is left out: ${why}`);
    return why === undefined;
  });
}

function* processesOf(
  members: readonly MemberProcess[],
  topology: Topology,
): Generator<{ name: string; pid: number | undefined }> {
  yield* members;
  for (const { number, pid } of topology.servers) yield { name: `zookeeper-${number}`, pid };
}

/** Workers first, so that they hand back what they have. */
async function stopAll(members: readonly MemberProcess[]): Promise<void> {
  for (const role of ['client', 'worker', 'scheduler'] as const) {
    await Promise.all(
      of(members, role).map(async (member) => {
        await member.stop('SIGCONT');
        await member.stop(role === 'client' ? 'SIGKILL' : 'SIGTERM');
      }),
    );
  }
}
