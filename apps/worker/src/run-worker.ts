import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkerConfig } from '@drover/config';
import { DroverError, InvalidArgumentError, type WorkerInterceptor } from '@drover/core';
import { createLog, silentLog, silentMetrics, type Log, type Metrics } from '@drover/observability';
import { runProcess, type Served } from '@drover/ops';
import { systemRuntime } from '@drover/runtime';
import { parseSpot, Worker } from '@drover/worker';
import { connectZooKeeper } from '@drover/zookeeper';
import { startTracing } from './tracing.js';

export interface RunWorkerOptions {
  /** The version of the program, which operators see. */
  version: string;
  /** Asks for an orderly stop. Default: SIGTERM and SIGINT do. */
  signal?: AbortSignal;
  /** Labels, resources and over-commitment may follow the settings while it runs. Default: they stay. */
  reloading?: {
    /** As they are now. Throws `ConfigError`. */
    settings: () => Readonly<WorkerConfig>;
    /** Called once it is registered, with the function that reads them again. */
    ready: (reload: () => void) => void;
  };
  /** Called once it is registered and ready for tasks, with its id in paths. */
  onReady?: (id: string) => void;
  log?: Log;
}

/**
 * Runs a worker until it is asked to stop: it then hands back what has not begun, finishes the rest within the stop
 * timeout, and removes its ephemerals. Logs what ended it otherwise, and rejects with that: `HandlersModuleError`,
 * `ConnectTimeoutError`, `OpsListenError`, `InvalidArgumentError`, `TracingUnavailableError`.
 */
export async function runWorker(config: Readonly<WorkerConfig>, options: RunWorkerOptions): Promise<void> {
  const { version, signal, onReady, reloading } = options;
  const log = options.log ?? createLog({ ...config.log, fields: { role: 'worker', name: config.name } });
  const tracing = await startTracing(config, version, log);
  try {
    await runProcess(
      { role: 'worker', name: config.name, version, log, ops: config.ops, signal },
      (metrics) => makeWorker(config, version, log, metrics, tracing?.interceptor),
      async (worker, stop) => {
        await worker.start(stop);
        reloading?.ready(() => reread(worker, log, reloading.settings));
      },
      (worker) => onReady?.(worker.id ?? config.name),
      servedLogs,
    );
  } finally {
    await tracing?.close();
  }
}

/** A setting that is wrong now is told, and all stay as they were. */
function reread(worker: Worker, log: Log, settings: () => Readonly<WorkerConfig>): void {
  try {
    const { labels, resources, overcommit } = settings();
    worker.declare({ labels, resources, overcommit });
    log.event('worker.reloaded', { worker: worker.id });
  } catch (error) {
    if (!(error instanceof DroverError)) throw error;
    log.event('worker.not-reloaded', { worker: worker.id, reason: error.message });
  }
}

/** The logs of its runs, for whoever may read the record of the worker. */
function servedLogs(worker: Worker): Served {
  const secret = randomBytes(24).toString('base64url');
  return {
    runLogs: { secret, find: (task, attempt) => worker.runLog(task, attempt) },
    onListening: (url) => worker.serves({ url, secret }),
  };
}

/** Loads the handlers of a worker, which never connects. Rejects with `HandlersModuleError` as `runWorker` would. */
export async function checkHandlers(config: Readonly<WorkerConfig>): Promise<void> {
  const worker = makeWorker(config, '', silentLog, silentMetrics);
  await worker.load(new AbortController().signal);
}

function makeWorker(
  config: Readonly<WorkerConfig>,
  version: string,
  log: Log,
  metrics: Metrics,
  interceptor?: WorkerInterceptor,
): Worker {
  const { driver, connect, connectTimeoutMs, sessionTimeoutMs, tls, auth } = config.zookeeper;
  if (driver !== 'drover') throw new InvalidArgumentError('driver', driver, "'drover', the only one that can write");
  return new Worker({
    factory: connectZooKeeper,
    zookeeper: { connect, sessionTimeoutMs, auth, runtime: systemRuntime, ...(tls === undefined ? {} : { tls }) },
    connectTimeoutMs,
    runtime: systemRuntime,
    log,
    metrics,
    interceptor,
    settings: {
      name: config.name,
      host: hostname(),
      pid: process.pid,
      version,
      capacity: config.concurrency,
      adaptive: config.adaptive,
      resources: config.resources,
      overcommit: config.overcommit,
      pool: config.pool,
      warmupMs: config.warmupMs,
      maxLoad: config.maxLoad,
      cuda: config.cuda,
      spot: config.spot === null ? null : parseSpot('spot', config.spot),
      typeConcurrency: config.typeConcurrency,
      builtin: config.builtin,
      http: config.http,
      weight: config.weight,
      labels: config.labels,
      stopTimeoutMs: config.stopTimeoutMs,
      graceMs: config.abortGraceMs,
      blockedAfterMs: config.blockedAfterMs,
      runLog: config.runLog,
      ...(config.computeThreads === null ? {} : { computeThreads: config.computeThreads }),
      ...(config.handlers === null ? {} : { handlers: pathToFileURL(resolve(config.handlers)).href }),
    },
  });
}
