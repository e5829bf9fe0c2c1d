import { silentMetrics } from '@drover/observability';
import type { PlannerSettings } from '@drover/planner';
import type { Runtime } from '@drover/runtime';
import { Scheduler } from '@drover/scheduler';
import type { ZoneData } from '@drover/schedules';
import { strategyNamed } from '@drover/strategies';
import { Worker, type Declaration, type Machine, type TypeEntry } from '@drover/worker';
import { isZooKeeperError } from '@drover/zookeeper';
import type { Rules } from '../check/rules.js';
import { ROOT } from '../check/znode-change.js';
import type { Declared } from './placement-actions.js';
import { SimulatedExecutor } from './simulated-executor.js';
import type { Environment, Program } from './simulated-process.js';

export const CONNECT = `zk:1,zk:2,zk:3${ROOT}`;

export interface SchedulerSetup {
  sessionTimeoutMs: number;
  strategy: string;
  planner: PlannerSettings;
  zoneData: ZoneData;
}

export function schedulerProgram(environment: Environment, setup: SchedulerSetup): Program {
  const { name: id, runtime, factory, log, failed } = environment;
  const scheduler = new Scheduler({
    ...{ id, host: 'simulated', pid: 1, version: 'simulated', runtime, factory, log },
    metrics: silentMetrics,
    zookeeper: { connect: CONNECT, sessionTimeoutMs: setup.sessionTimeoutMs },
    strategy: () => strategyNamed(setup.strategy),
    ...{ planner: setup.planner, zoneData: setup.zoneData },
    intake: { maxTasks: 1_000_000, maxBytes: 1_000_000_000 },
  });
  scheduler.start().catch((error: unknown) => {
    if (!isZooKeeperError(error, 'CLOSED')) failed(`the start of ${id}`, error);
  });
  return { stop: () => scheduler.stop() };
}

export interface WorkerSetup {
  sessionTimeoutMs: number;
  capacity: number;
  /** Scripted ones that it offers. */
  types: readonly string[];
  /** Its declaration. Labels alone are told in worlds without placement. */
  declared: () => Declared;
  hasPlacement: boolean;
  /** Whether it is overloaded. */
  machine: Machine;
  /** As in `PlacementSetup`; 1 when faults are over. */
  drawn: () => number;
  rules: Pick<Rules, 'begins'>;
  /** As in `Beginning`. */
  hasLostSession: () => boolean;
  /** A task ends the process; it is started again. */
  die: () => void;
}

/** Its declaration changes so often. */
const REDECLARES_EVERY_MS = 1_700;
/** So often the cloud may take its machine away, and so seldom it does. */
const SPOT_EVERY_MS = 1_300;
const SPOT_SHARE = 0.08;
const SPOT_NOTICE_MS = 1_000;
/** Shorter than what the leader gives. */
const WORKER_GRACE_MS = 200;

export function workerProgram(environment: Environment, setup: WorkerSetup): Program {
  const { name, runtime, factory, log, failed } = environment;
  const { sessionTimeoutMs, capacity, types: scripted, rules, hasLostSession, die } = setup;
  const { hasPlacement } = setup;
  const declared = [setup.declared()];
  const executor = new SimulatedExecutor(
    runtime,
    (call, calls) =>
      rules.begins(call, {
        ...{ worker: name, running: calls.length, calls, capacity, hasLostSession: hasLostSession() },
        declared: hasPlacement ? declared : null,
      }),
    die,
  );
  const types = new Map<string, TypeEntry>([
    ...scripted.map((type): [string, TypeEntry] => [
      type,
      { instant: null, executor, timeoutMs: null, heartbeatMs: null, retry: null },
    ]),
    ['instant', { instant: (payload) => payload }],
  ]);
  const worker = new Worker({
    ...{ runtime, factory, log, types, machine: setup.machine },
    zookeeper: { connect: CONNECT, sessionTimeoutMs, runtime },
    settings: {
      ...{
        name,
        host: hasPlacement ? (declared[0]?.host ?? 'simulated') : 'simulated',
        pid: 1,
        version: 'simulated',
        capacity,
        weight: capacity,
      },
      ...declarationOf(declared[0], hasPlacement),
      ...(hasPlacement ? { pool: declared[0]?.pool ?? null } : {}),
      ...{ stopTimeoutMs: 1_000, graceMs: WORKER_GRACE_MS, computeThreads: 1 },
    },
  });
  worker.start().catch((error: unknown) => {
    if (!isZooKeeperError(error, 'CLOSED')) failed(`the start of ${name}`, error);
  });
  worker.stopped.catch((error: unknown) => failed(name, error));
  const changes = hasPlacement ? runtime.every(REDECLARES_EVERY_MS, () => redeclare(worker, declared, setup)) : null;
  const spot = hasPlacement ? runtime.every(SPOT_EVERY_MS, () => takenAway(worker, setup, runtime)) : null;
  return {
    stop: () => {
      changes?.cancel();
      spot?.cancel();
      return worker.stop();
    },
  };
}

/** The cloud tells that it takes the machine away, and does so, or thinks better of it. */
function takenAway(worker: Worker, { drawn, die }: WorkerSetup, runtime: Runtime): void {
  if (drawn() > SPOT_SHARE) return;
  const inMs = SPOT_NOTICE_MS * (0.3 + drawn());
  const isTaken = drawn() < 0.6;
  worker.notice(runtime.now() + inMs);
  runtime.after(inMs, () => {
    if (isTaken) die();
    else worker.notice(null);
  });
}

/** It stays in its pool. */
function redeclare(worker: Worker, declared: Declared[], { declared: draw }: WorkerSetup): void {
  const [first] = declared;
  const drawn = draw();
  declared.push(first === undefined ? drawn : { ...drawn, pool: first.pool });
  worker.declare(declarationOf(drawn, true));
}

function declarationOf(declared: Declared | undefined, hasPlacement: boolean): Partial<Declaration> {
  if (declared === undefined) return {};
  const { labels, resources: amounts, devices, overcommit } = declared;
  return hasPlacement ? { labels, resources: { amounts, devices, isAuto: false }, overcommit } : { labels };
}
