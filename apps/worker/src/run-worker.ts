import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkerConfig } from '@drover/config';
import { InvalidArgumentError } from '@drover/core';
import { createLog, silentLog, silentMetrics, type Log, type Metrics } from '@drover/observability';
import { runProcess } from '@drover/ops';
import { systemRuntime } from '@drover/runtime';
import { Worker } from '@drover/worker';
import { connectZooKeeper } from '@drover/zookeeper';

export interface RunWorkerOptions {
  /** The version of the program, which operators see. */
  version: string;
  /** Asks for an orderly stop. Default: SIGTERM and SIGINT do. */
  signal?: AbortSignal;
  /** Called once it is registered and ready for tasks, with its id in paths. */
  onReady?: (id: string) => void;
  log?: Log;
}

/**
 * Runs a worker until it is asked to stop: it then hands back what has not begun, finishes the rest within the stop
 * timeout, and removes its ephemerals. Logs what ended it otherwise, and rejects with that: `HandlersModuleError`,
 * `ConnectTimeoutError`, `OpsListenError`, `InvalidArgumentError`.
 */
export async function runWorker(config: Readonly<WorkerConfig>, options: RunWorkerOptions): Promise<void> {
  const { version, signal, onReady } = options;
  const log = options.log ?? createLog({ ...config.log, fields: { role: 'worker', name: config.name } });
  await runProcess(
    { role: 'worker', name: config.name, version, log, ops: config.ops, signal },
    (metrics) => makeWorker(config, version, log, metrics),
    (worker, stop) => worker.start(stop),
    (worker) => onReady?.(worker.id ?? config.name),
  );
}

/** Loads the handlers of a worker, which never connects. Rejects with `HandlersModuleError` as `runWorker` would. */
export async function checkHandlers(config: Readonly<WorkerConfig>): Promise<void> {
  const worker = makeWorker(config, '', silentLog, silentMetrics);
  await worker.load(new AbortController().signal);
}

function makeWorker(config: Readonly<WorkerConfig>, version: string, log: Log, metrics: Metrics): Worker {
  const { driver, connect, connectTimeoutMs, sessionTimeoutMs, tls, auth } = config.zookeeper;
  if (driver !== 'drover') throw new InvalidArgumentError('driver', driver, "'drover', the only one that can write");
  return new Worker({
    factory: connectZooKeeper,
    zookeeper: { connect, sessionTimeoutMs, auth, runtime: systemRuntime, ...(tls === undefined ? {} : { tls }) },
    connectTimeoutMs,
    runtime: systemRuntime,
    log,
    metrics,
    settings: {
      name: config.name,
      host: hostname(),
      pid: process.pid,
      version,
      capacity: config.concurrency,
      typeConcurrency: config.typeConcurrency,
      builtin: config.builtin,
      http: config.http,
      weight: config.weight,
      labels: config.labels,
      stopTimeoutMs: config.stopTimeoutMs,
      graceMs: config.abortGraceMs,
      blockedAfterMs: config.blockedAfterMs,
      ...(config.computeThreads === null ? {} : { computeThreads: config.computeThreads }),
      ...(config.handlers === null ? {} : { handlers: pathToFileURL(resolve(config.handlers)).href }),
    },
  });
}
