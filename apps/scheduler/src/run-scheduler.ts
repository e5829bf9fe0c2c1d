import { hostname } from 'node:os';
import type { SchedulerConfig } from '@drover/config';
import { withinConnectTimeout } from '@drover/coordination';
import { InvalidArgumentError } from '@drover/core';
import { createLog, type Log, type Metrics } from '@drover/observability';
import { runProcess } from '@drover/ops';
import { systemRuntime } from '@drover/runtime';
import { Scheduler } from '@drover/scheduler';
import { strategyNamed } from '@drover/strategies';
import { connectZooKeeper } from '@drover/zookeeper';
import { startTracing } from './tracing.js';

export interface RunSchedulerOptions {
  /** The version of the program, which operators see. */
  version: string;
  /** Asks for an orderly stop. Default: SIGTERM and SIGINT do. */
  signal?: AbortSignal;
  /** Called once it is connected and takes part, with its id. */
  onReady?: (id: string) => void;
  log?: Log;
}

/**
 * Runs a scheduler until it is asked to stop: if it leads it hands over at once. Logs what ended it otherwise, and
 * rejects with that: `ConnectTimeoutError`, `OpsListenError`, `InvalidArgumentError` (an unknown strategy, a driver
 * that cannot fence).
 */
export async function runScheduler(config: Readonly<SchedulerConfig>, options: RunSchedulerOptions): Promise<void> {
  const { version, signal, onReady } = options;
  const ownLog = options.log ?? createLog({ ...config.log, fields: { role: 'scheduler', id: config.id } });
  const tracing = await startTracing(config, version, ownLog);
  const { log } = tracing;
  const { connect, connectTimeoutMs: timeoutMs } = config.zookeeper;
  const start = (scheduler: Scheduler, stop: AbortSignal): Promise<void> =>
    withinConnectTimeout(
      { connect, timeoutMs, runtime: systemRuntime, whyNot: () => scheduler.lastFailure, signal: stop },
      (both) => scheduler.start(both),
    );
  try {
    await runProcess(
      { role: 'scheduler', name: config.id, version, log, ops: config.ops, signal },
      (metrics) => makeScheduler(config, version, log, tracing.metrics(metrics)),
      start,
      () => onReady?.(config.id),
    );
  } finally {
    await tracing.close();
  }
}

function makeScheduler(config: Readonly<SchedulerConfig>, version: string, log: Log, metrics: Metrics): Scheduler {
  const { driver, connect, sessionTimeoutMs, tls, auth } = config.zookeeper;
  if (driver !== 'drover')
    throw new InvalidArgumentError('driver', driver, "'drover', the only one with fenced transactions");
  strategyNamed(config.strategy);
  const { id, retainTasks, retainMs, retainDeadTasks, retainDeadMs, retainAtLeastMs } = config;
  const { aheadMs, graceMs, agingMs } = config;
  return new Scheduler({
    ...{ id, host: hostname(), pid: process.pid, version, log, metrics },
    runtime: systemRuntime,
    factory: connectZooKeeper,
    zookeeper: { connect, sessionTimeoutMs, auth, ...(tls === undefined ? {} : { tls }) },
    strategy: () => strategyNamed(config.strategy),
    maxClockSkewMs: config.maxClockSkewMs,
    intake: { maxTasks: config.maxPendingTasks, maxBytes: config.maxPendingBytes },
    planner: { retainTasks, retainMs, retainDeadTasks, retainDeadMs, retainAtLeastMs, aheadMs, graceMs, agingMs },
  });
}
