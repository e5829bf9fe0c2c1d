import { hostname } from 'node:os';
import type { SchedulerConfig } from '@drover/config';
import { InvalidArgumentError } from '@drover/core';
import { createLog, silentMetrics, type Log, type Metrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Scheduler } from '@drover/scheduler';
import { strategyNamed } from '@drover/strategies';
import { connectZooKeeper } from '@drover/zookeeper';
import { withinConnectTimeout } from './connect-timeout.js';
import { stopSignals } from './stop-signals.js';
import { VERSION } from './version.js';

export interface RunSchedulerOptions {
  /** Asks for an orderly stop. Default: SIGTERM and SIGINT do. */
  signal?: AbortSignal;
  /** Called once it is connected and takes part, with its id. */
  onReady?: (id: string) => void;
  log?: Log;
  metrics?: Metrics;
}

/**
 * Runs a scheduler until it is asked to stop: if it leads it hands over at once. Rejects with `ConnectTimeoutError`,
 * `InvalidArgumentError` (an unknown strategy, a driver that cannot fence), or with what ended it.
 */
export async function runScheduler(
  config: Readonly<SchedulerConfig>,
  options: RunSchedulerOptions = {},
): Promise<void> {
  const log = options.log ?? createLog({ ...config.log, fields: { role: 'scheduler', id: config.id } });
  const scheduler = makeScheduler(config, log, options.metrics ?? silentMetrics);
  const { signal, done } =
    options.signal === undefined ? stopSignals() : { signal: options.signal, done: () => undefined };
  const stop = (): void => {
    log.event('process.stopping', { reason: reasonOf(signal) });
    void scheduler.stop();
  };
  try {
    await withinConnectTimeout(config.zookeeper, systemRuntime, signal, (within) => scheduler.start(within));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    options.onReady?.(config.id);
    await scheduler.stopped;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await scheduler.stop();
    done();
  }
}

function makeScheduler(config: Readonly<SchedulerConfig>, log: Log, metrics: Metrics): Scheduler {
  const { driver, connect, sessionTimeoutMs, tls, auth } = config.zookeeper;
  if (driver !== 'drover') throw new InvalidArgumentError('driver', driver, "'drover': the others cannot fence");
  strategyNamed(config.strategy);
  const { id, retainTasks, retainMs, retainAtLeastMs, aheadMs, graceMs } = config;
  return new Scheduler({
    ...{ id, host: hostname(), pid: process.pid, version: VERSION, log, metrics },
    runtime: systemRuntime,
    factory: connectZooKeeper,
    zookeeper: { connect, sessionTimeoutMs, auth, ...(tls === undefined ? {} : { tls }) },
    strategy: () => strategyNamed(config.strategy),
    planner: { retainTasks, retainMs, retainAtLeastMs, aheadMs, graceMs },
  });
}

function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
}
