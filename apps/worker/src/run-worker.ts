import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkerConfig } from '@drover/config';
import { DroverError, InvalidArgumentError } from '@drover/core';
import { createLog, type Log, type Metrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Worker } from '@drover/worker';
import { connectZooKeeper } from '@drover/zookeeper';
import { VERSION } from './version.js';

export interface RunWorkerOptions {
  /** Asks for an orderly stop. Default: SIGTERM and SIGINT do. */
  signal?: AbortSignal;
  /** Called once it is registered and ready for tasks, with its id in paths. */
  onReady?: (id: string) => void;
  log?: Log;
  metrics?: Metrics;
}

/** Thrown when ZooKeeper could not be reached in time. */
export class ConnectTimeoutError extends DroverError {
  override readonly name = 'ConnectTimeoutError';
  constructor(connect: string, timeoutMs: number) {
    super(`no ZooKeeper at ${connect} within ${timeoutMs / 1000} s; is it running, and is --zk right?`);
  }
}

/**
 * Runs a worker until it is asked to stop: it then hands back what has not begun, finishes the rest within the stop
 * timeout, and removes its ephemerals. Rejects with `HandlersModuleError`, `ConnectTimeoutError`,
 * `InvalidArgumentError`, or with what ended it.
 */
export async function runWorker(config: Readonly<WorkerConfig>, options: RunWorkerOptions = {}): Promise<void> {
  const { signal, done } =
    options.signal === undefined ? stopSignals() : { signal: options.signal, done: () => undefined };
  const log = options.log ?? createLog({ ...config.log, fields: { role: 'worker', name: config.name } });
  const worker = makeWorker(config, log, options.metrics);
  const stop = (): void => {
    log.event('process.stopping', { reason: reasonOf(signal) });
    void worker.stop();
  };
  try {
    await start(worker, config, signal);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    options.onReady?.(worker.id ?? config.name);
    await worker.stopped;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.stop();
    done();
  }
}

function makeWorker(config: Readonly<WorkerConfig>, log: Log, metrics?: Metrics): Worker {
  const { driver, connect, sessionTimeoutMs, tls, auth } = config.zookeeper;
  if (driver !== 'drover') throw new InvalidArgumentError('driver', driver, "'drover': the others can only read");
  return new Worker({
    factory: connectZooKeeper,
    zookeeper: { connect, sessionTimeoutMs, auth, runtime: systemRuntime, ...(tls === undefined ? {} : { tls }) },
    runtime: systemRuntime,
    log,
    ...(metrics === undefined ? {} : { metrics }),
    settings: {
      name: config.name,
      host: hostname(),
      pid: process.pid,
      version: VERSION,
      capacity: config.concurrency,
      computeThreads: config.computeThreads,
      weight: config.weight,
      labels: config.labels,
      stopTimeoutMs: config.stopTimeoutMs,
      ...(config.handlers === null ? {} : { handlers: pathToFileURL(resolve(config.handlers)).href }),
    },
  });
}

/** Bounded while ZooKeeper has never been reached; from then on a worker waits for it as long as it takes. */
async function start(worker: Worker, config: Readonly<WorkerConfig>, signal: AbortSignal): Promise<void> {
  const { connect, connectTimeoutMs } = config.zookeeper;
  const attempt = new AbortController();
  const timer = systemRuntime.after(connectTimeoutMs, () =>
    attempt.abort(new ConnectTimeoutError(connect, connectTimeoutMs)),
  );
  try {
    await worker.start(AbortSignal.any([attempt.signal, signal]));
  } finally {
    timer.cancel();
  }
}

function stopSignals(): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const asked = (name: NodeJS.Signals): void => controller.abort(name);
  process.on('SIGTERM', asked);
  process.on('SIGINT', asked);
  const done = (): void => {
    process.off('SIGTERM', asked);
    process.off('SIGINT', asked);
  };
  return { signal: controller.signal, done };
}

function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
}
