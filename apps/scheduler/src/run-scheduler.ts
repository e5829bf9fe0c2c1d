import { hostname } from 'node:os';
import { API_THREAD, apiThreadData } from '@drover/api-server';
import type { ApiConfig, SchedulerConfig } from '@drover/config';
import { withinConnectTimeout } from '@drover/coordination';
import { InvalidArgumentError } from '@drover/core';
import { createLog, type Log, type Metrics, type MetricsRegistry } from '@drover/observability';
import { runProcess } from '@drover/ops';
import { systemRuntime } from '@drover/runtime';
import { Scheduler } from '@drover/scheduler';
import { strategyNamed } from '@drover/strategies';
import { connectZooKeeper } from '@drover/zookeeper';
import { startTracing } from './tracing.js';
import { ApiThread } from './api/api-thread.js';
import { SchedulerProcess, type StartApi } from './scheduler-process.js';

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
 * rejects with that: `ConnectTimeoutError`, `OpsListenError`, `ApiListenError`, `InvalidArgumentError` (an unknown
 * strategy, a driver that cannot fence).
 */
export async function runScheduler(config: Readonly<SchedulerConfig>, options: RunSchedulerOptions): Promise<void> {
  const { version, signal, onReady } = options;
  const ownLog = options.log ?? createLog({ ...config.log, fields: { role: 'scheduler', id: config.id } });
  const tracing = await startTracing(config, version, ownLog);
  const { log } = tracing;
  const { api } = config;
  const { connect, connectTimeoutMs: timeoutMs } = config.zookeeper;
  const start = (program: SchedulerProcess, stop: AbortSignal): Promise<void> =>
    withinConnectTimeout(
      { connect, timeoutMs, runtime: systemRuntime, whyNot: () => program.scheduler.lastFailure, signal: stop },
      (both) => program.start(both),
    );
  try {
    await runProcess(
      { role: 'scheduler', name: config.id, version, log, ops: config.ops, counts: api !== null, signal },
      (metrics, registry) => {
        const scheduler = makeScheduler(config, version, log, tracing.metrics(metrics));
        return new SchedulerProcess(
          scheduler,
          api === null ? null : apiBeside(config, api, { version, log, registry }),
        );
      },
      start,
      () => onReady?.(config.id),
    );
  } finally {
    await tracing.close();
  }
}

interface Beside {
  version: string;
  log: Log;
  registry: MetricsRegistry | null;
}

/** The API's thread is no part of what must work: whatever goes wrong with it is logged, and it is started again. */
function apiBeside(config: Readonly<SchedulerConfig>, api: ApiConfig, { version, log, registry }: Beside): StartApi {
  const { id } = config;
  const data = apiThreadData(config, api, { id, host: hostname(), pid: process.pid, version });
  const metrics = async (): Promise<string> => (registry === null ? '' : registry.text());
  return (scheduler, cannotListen) =>
    new ApiThread({ thread: API_THREAD, data, scheduler, metrics, runtime: systemRuntime, log, cannotListen });
}

function makeScheduler(config: Readonly<SchedulerConfig>, version: string, log: Log, metrics: Metrics): Scheduler {
  const { driver, connect, sessionTimeoutMs, tls, auth } = config.zookeeper;
  if (driver !== 'drover')
    throw new InvalidArgumentError('driver', driver, "'drover', the only one with fenced transactions");
  strategyNamed(config.strategy);
  const { id, retainTasks, retainMs, retainDeadTasks, retainDeadMs, retainAtLeastMs } = config;
  const { aheadMs, graceMs, agingMs, fairnessMemoryMs, reserveAfterMs } = config;
  const { preempt, preemptAfterMs, preemptGraceMs, maxPreemptions } = config;
  const { fairness, fairnessExclude, speculateAfter, speculateShare } = config;
  return new Scheduler({
    ...{ id, host: hostname(), pid: process.pid, version, log, metrics },
    runtime: systemRuntime,
    factory: connectZooKeeper,
    zookeeper: { connect, sessionTimeoutMs, auth, ...(tls === undefined ? {} : { tls }) },
    strategy: () => strategyNamed(config.strategy),
    maxClockSkewMs: config.maxClockSkewMs,
    intake: { maxTasks: config.maxPendingTasks, maxBytes: config.maxPendingBytes },
    planner: {
      ...{ retainTasks, retainMs, retainDeadTasks, retainDeadMs, retainAtLeastMs, aheadMs, graceMs, agingMs },
      ...{ preempt, preemptAfterMs, preemptGraceMs, maxPreemptions, fairnessMemoryMs, reserveAfterMs },
      ...{ fairness, fairnessExclude, speculateAfter, speculateShare },
    },
  });
}
