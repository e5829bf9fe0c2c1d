import { Worker } from 'node:worker_threads';
import type { FromScheduler } from '@drover/api';
import { DroverError } from '@drover/core';
import { StderrLines, type Log } from '@drover/observability';
import { inBackground, messageOf, toldElsewhere, within, type Runtime, type Timer } from '@drover/runtime';
import type { Scheduler } from '@drover/scheduler';
import { answerTo, type Answering } from './answers.js';
import { readFromApi } from './from-api.js';
import { pauseBefore } from './pause.decide.js';

export interface ApiThreadOptions extends Answering {
  /** The program of the thread. */
  thread: URL;
  /** Its `workerData`: plain data. */
  data: unknown;
  scheduler: Pick<Scheduler, 'readModel' | 'handOver' | 'advertise' | 'health'>;
  runtime: Runtime;
  log: Log;
  /** The address that was asked for is not to be had, at the first start: the process ends with this. */
  cannotListen: (error: ApiListenError) => void;
}

/** Thrown when the API cannot listen at its address. */
export class ApiListenError extends DroverError {
  override readonly name = 'ApiListenError';
}

/** Its heap, in MiB: a flood of requests ends the thread, not the process. */
const HEAP_MIB = 256;
const BEAT_MS = 1_000;
/** For its streams to end, and its session to close. */
const STOP_MS = 2_000;

/**
 * The thread of the HTTP API beside a scheduler. It asks questions over its port, and is told what changes; it is started
 * again when it ends. The scheduler goes on, whatever the thread does or sends.
 */
export class ApiThread {
  readonly #options: ApiThreadOptions;
  readonly #stderr = new StderrLines(process.stderr);
  #worker: Worker | null = null;
  #beat: Timer | null = null;
  #again: Timer | null = null;
  #startedAt = 0;
  #failures = 0;
  #hasListened = false;
  #reason = '';
  #isStopping = false;
  #exited: Promise<void> = Promise.resolve();

  /** Starts it at once; nothing waits for it. */
  constructor(options: ApiThreadOptions) {
    this.#options = options;
    this.#start();
  }

  /** Asks it to end, and ends it after a while. Never rejects. */
  async close(): Promise<void> {
    this.#isStopping = true;
    this.#again?.cancel();
    const worker = this.#worker;
    if (worker === null) return;
    this.#post({ kind: 'stop' });
    await within(this.#options.runtime, STOP_MS, this.#exited);
    await worker.terminate();
  }

  #start(): void {
    const { runtime, thread, data } = this.#options;
    this.#startedAt = runtime.monotonic();
    this.#reason = '';
    let worker: Worker;
    try {
      const resourceLimits = { maxOldGenerationSizeMb: HEAP_MIB };
      const name = 'drover api';
      worker = new Worker(thread, { workerData: data, resourceLimits, stdout: true, stderr: true, name });
    } catch (error) {
      this.#ended(messageOf(error));
      return;
    }
    this.#worker = worker;
    for (const printed of [worker.stdout, worker.stderr])
      printed.on('data', (chunk: Buffer) => this.#stderr.write(chunk));
    worker.on('message', (message) => this.#heard(worker, message));
    worker.on('error', (error) => (this.#reason = messageOf(error)));
    this.#exited = new Promise((resolve) =>
      worker.once('exit', (code) => {
        resolve();
        this.#ended(this.#reason === '' ? `exit code ${code}` : this.#reason);
      }),
    );
    this.#tellHealth();
    this.#beat = runtime.every(BEAT_MS, () => this.#tellHealth());
  }

  #ended(reason: string): void {
    const { runtime, log, scheduler } = this.#options;
    this.#worker = null;
    this.#beat?.cancel();
    scheduler.readModel.follow(null);
    if (this.#isStopping) return;
    scheduler.advertise(undefined);
    const { failures, pauseMs } = pauseBefore(this.#failures, runtime.monotonic() - this.#startedAt);
    this.#failures = failures;
    log.event('api.ended', { reason, pauseMs });
    this.#again = runtime.after(pauseMs, () => this.#start());
  }

  #heard(worker: Worker, given: unknown): void {
    const message = readFromApi(given);
    if (message === null || worker !== this.#worker || this.#isStopping) return;
    const { log, scheduler, cannotListen } = this.#options;
    switch (message.kind) {
      case 'ask':
        inBackground(this.#answer(message.id, answerTo(message.name, message.ask, this.#options)), toldElsewhere);
        return;
      case 'listening':
        this.#hasListened = true;
        log.event('api.listening', { url: message.url });
        scheduler.advertise(message.url);
        return;
      case 'cannot-listen':
        this.#reason = message.message;
        if (!this.#hasListened) cannotListen(new ApiListenError(message.message));
        return;
      case 'follow':
        scheduler.readModel.follow((facts) => this.#post({ kind: 'facts', facts }));
    }
  }

  async #answer(id: number, answering: Promise<unknown>): Promise<void> {
    try {
      const answer = await answering;
      this.#post({ kind: 'answer', id, answer });
    } catch (error) {
      this.#post({ kind: 'failed', id, message: messageOf(error) });
    }
  }

  #tellHealth(): void {
    this.#post({ kind: 'beat', health: this.#options.scheduler.health });
  }

  #post(message: FromScheduler): void {
    this.#worker?.postMessage(message);
  }
}
