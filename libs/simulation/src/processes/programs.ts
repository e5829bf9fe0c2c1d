import { silentMetrics } from '@drover/observability';
import type { PlannerSettings } from '@drover/planner';
import { Scheduler } from '@drover/scheduler';
import type { ZoneData } from '@drover/schedules';
import { strategyNamed } from '@drover/strategies';
import { Worker, type TypeEntry } from '@drover/worker';
import { isZooKeeperError } from '@drover/zookeeper';
import type { HandlerRules } from '../check/handler-rules.js';
import { ROOT } from '../check/znode-change.js';
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
  rules: HandlerRules;
  /** As in `Beginning`. */
  hasLostSession: () => boolean;
  /** A task ends the process; it is started again. */
  die: () => void;
}

/** Shorter than what the leader gives. */
const WORKER_GRACE_MS = 200;

export function workerProgram(environment: Environment, setup: WorkerSetup): Program {
  const { name, runtime, factory, log, failed } = environment;
  const { sessionTimeoutMs, capacity, types: scripted, rules, hasLostSession, die } = setup;
  const executor = new SimulatedExecutor(
    runtime,
    (call, running) => rules.begins(call, { worker: name, running, capacity, hasLostSession: hasLostSession() }),
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
    ...{ runtime, factory, log, types },
    zookeeper: { connect: CONNECT, sessionTimeoutMs, runtime },
    settings: {
      ...{ name, host: 'simulated', pid: 1, version: 'simulated', capacity, weight: capacity },
      ...{ stopTimeoutMs: 1_000, graceMs: WORKER_GRACE_MS, computeThreads: 1 },
    },
  });
  worker.start().catch((error: unknown) => {
    if (!isZooKeeperError(error, 'CLOSED')) failed(`the start of ${name}`, error);
  });
  worker.stopped.catch((error: unknown) => failed(name, error));
  return { stop: () => worker.stop() };
}
