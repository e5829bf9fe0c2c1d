import { Worker } from 'node:worker_threads';
import { FAILURES, type TaskFailure } from '@drover/core';
import { StderrLines, type Log, type Metrics } from '@drover/observability';
import { inBackground, messageOf, toldElsewhere, uncaught, type Runtime } from '@drover/runtime';
import { failed } from '../execution/failure.js';
import { failureOfRefusal, revoked } from '../steps/refusals.js';
import type { Call, CallEnd, Execution } from '../execution/executor.js';
import { LogBudget } from './log-budget.js';
import { PULSE, PULSE_BYTES } from './messages.js';
import type { FromThread, HandlerDescription, ThreadData, ToThread, WireCall } from './messages.js';

let stderr: StderrLines | undefined;
/** Output of handlers is not output of this program, and a reader that stalls must not block it. */
function print(chunk: Buffer): void {
  stderr ??= new StderrLines(process.stderr);
  stderr.write(chunk);
}

export interface ThreadOptions {
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  kind: 'io' | 'compute';
  /** URL of the handlers module; `null`: the built-in compute handlers alone. */
  module: string | null;
  worker: string;
  /** Handlers of traced tasks run within their trace context. */
  traces: boolean;
  /** Calls tell their queue: the module has interceptors. Known once it is loaded. */
  tellsQueue: { value: boolean };
}

/** The events that the executor that owns a thread receives. */
export interface ThreadOwner {
  /** A call has ended, or was abandoned: there is room. */
  idle(thread: HandlerThread): void;
  /** It should be given nothing more; it ends by itself when its calls have ended. */
  retiring(thread: HandlerThread): void;
  /** It is gone; all its calls have been given an end. */
  gone(thread: HandlerThread): void;
}

/**
 * The main thread's side of a thread of handlers: numbers its calls, gathers messages, and sees to it that every call
 * gets an end, however the thread ends. The shared memory says which call was at fault: that call fails, the others
 * are handed back; if none is known, all are lost (a loss is bounded, so a killer cannot go round for ever).
 */
export class HandlerThread {
  readonly loaded: Promise<HandlerDescription[]>;
  readonly #options: ThreadOptions;
  readonly #owner: ThreadOwner;
  readonly #thread: Worker;
  readonly #pulse: Int32Array;
  readonly #budget: LogBudget;
  readonly #calls = new Map<number, Call>();
  #outgoing: WireCall[] = [];
  #lastNumber = 0;
  #retiring = false;
  #isLoaded = false;
  #gone = false;
  /** Why the calls of this thread failed, where it is known before the thread is gone. */
  #reason: TaskFailure | undefined;
  #exited: Promise<void>;

  constructor(options: ThreadOptions, owner: ThreadOwner) {
    this.#options = options;
    this.#owner = owner;
    const pulse = new SharedArrayBuffer(PULSE_BYTES);
    this.#pulse = new Int32Array(pulse);
    this.#budget = new LogBudget(this.#pulse);
    const { module, worker, traces } = options;
    const workerData: ThreadData = { module, worker, traces, pulse };
    this.#thread = new Worker(new URL('./handler-thread.entry.js', import.meta.url), {
      workerData,
      stdout: true,
      stderr: true,
      name: `drover ${options.kind}`,
    });
    for (const printed of [this.#thread.stdout, this.#thread.stderr]) printed.on('data', print);
    this.loaded = new Promise((resolve, reject) => {
      this.#thread.on('message', (message: FromThread) => {
        if ('loaded' in message) this.#isLoaded = true;
        if ('loaded' in message) options.tellsQueue.value ||= message.intercepts;
        if ('loaded' in message) resolve(message.loaded);
        else if ('failedToLoad' in message) reject(this.#failedToLoad(message.failedToLoad));
        else if ('ask' in message) inBackground(this.#answer(message), uncaught);
        else this.#turn(message);
      });
      this.#thread.on('error', (error) => {
        this.#reason ??= { name: FAILURES.HANDLER_EXITED, message: messageOf(error), retryable: true };
      });
      this.#thread.on('exit', () => reject(new Error(this.#reason?.message ?? 'the thread ended while it loaded')));
    });
    inBackground(this.loaded, toldElsewhere);
    this.#exited = new Promise((resolve) => this.#thread.once('exit', () => resolve()));
    inBackground(
      this.#exited.then(() => this.#onExit()),
      uncaught,
    );
  }

  get size(): number {
    return this.#calls.size;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get retired(): boolean {
    return this.#retiring || this.#gone;
  }

  /** Counts up while the event loop of the thread turns. */
  get beat(): number {
    return Atomics.load(this.#pulse, PULSE.BEAT);
  }

  start(call: Call): Execution {
    const n = ++this.#lastNumber;
    this.#calls.set(n, call);
    this.#enqueue({
      n,
      task: call.task,
      type: call.type,
      attempt: call.attempt,
      fencingToken: call.fencingToken,
      payload: call.payload,
      ...(call.fire === undefined ? {} : { fire: call.fire }),
      ...(call.trace === undefined ? {} : { trace: call.trace }),
      ...(this.#options.tellsQueue.value ? { queue: call.queue } : {}),
      ...(call.step === undefined ? {} : { step: call.step.place }),
      ...(call.checkpoint === undefined ? {} : { checkpoint: call.checkpoint }),
      ...(call.devices === undefined ? {} : { devices: call.devices }),
    });
    return {
      abort: (reason) => this.#post({ abort: n, cause: reason.abortCause, message: reason.message }),
      abandon: () => this.#abandon(n),
    };
  }

  /** Ends the thread now. Its calls fail with `reason`, or are handed back where another one is to blame. */
  terminate(reason: TaskFailure): Promise<void> {
    this.#reason ??= reason;
    this.#endThread();
    return this.#exited;
  }

  /** "exit" follows, as it does where the thread ends by itself. */
  #endThread(): void {
    inBackground(this.#thread.terminate(), uncaught);
  }

  /** Ends the thread now; its calls get no end. */
  close(): Promise<void> {
    this.#calls.clear();
    this.#gone = true;
    this.#endThread();
    return this.#exited;
  }

  /** Gives it nothing more, and ends it when its calls have ended. */
  retire(reason: string): void {
    if (this.retired) return;
    this.#retiring = true;
    this.#options.log.event('executor.thread-ended', { kind: this.#options.kind, reason, tasks: this.#calls.size });
    this.#owner.retiring(this);
    if (this.#calls.size === 0) this.#endThread();
  }

  #abandon(n: number): void {
    const call = this.#calls.get(n);
    if (call === undefined) return;
    this.#calls.delete(n);
    // The handler goes on inside: only the end of the thread ends it.
    if (this.#options.kind === 'compute') this.#endThread();
    this.retire(`handler '${call.type}' ignored its abort signal (task ${call.task})`);
    this.#afterEnd();
  }

  #enqueue(call: WireCall): void {
    this.#outgoing.push(call);
    if (this.#outgoing.length > 1) return;
    // After the microtasks of this turn: whatever it starts goes in one message, and none waits for the next turn.
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const calls = this.#outgoing;
    this.#outgoing = [];
    this.#post({ calls });
  }

  #post(message: ToThread): void {
    if ('abort' in message) this.#flush();
    if (!this.#gone) this.#thread.postMessage(message);
  }

  #turn({ ends, notes, strays, retire }: Extract<FromThread, { ends: unknown }>): void {
    for (const { n, log, progress, dropped, checkpoint, label } of notes) {
      const call = this.#calls.get(n);
      if (log !== undefined) {
        this.#budget.giveBack(log.chars);
        call?.log(log.message, log.fields);
      }
      if (dropped !== undefined) call?.logDropped(dropped);
      if (progress !== undefined) call?.progress(progress.fraction, progress.note);
      if (checkpoint !== undefined) call?.leave(checkpoint);
      if (label !== undefined) call?.setLabel(...label);
    }
    for (const { n, end } of ends) this.#end(n, end);
    for (const { task, type, error } of strays) this.#logStray(task, type, error);
    if (retire) this.retire('an exception escaped from a handler');
    this.#afterEnd();
  }

  async #answer({ n, ask, what }: Extract<FromThread, { ask: number }>): Promise<void> {
    const call = this.#calls.get(n);
    call?.alive();
    const answered = call?.step?.answer(what) ?? Promise.reject(revoked());
    const reply = await answered.then(
      (given) => ({ ask, reply: given }),
      (error: unknown) => ({ ask, refused: failureOfRefusal(error) }),
    );
    this.#post(reply);
  }

  #logStray(task: string | null, type: string | null, { name, message }: TaskFailure): void {
    const { log, module } = this.#options;
    log.event('handler.background-error', { module, type, task, error: `${name}: ${message}` });
  }

  #end(n: number, end: CallEnd): void {
    const call = this.#calls.get(n);
    this.#calls.delete(n);
    call?.ended(end);
  }

  #afterEnd(): void {
    if (this.#retiring && this.#calls.size === 0) this.#endThread();
    else if (!this.retired && this.#calls.size === 0) this.#owner.idle(this);
  }

  #failedToLoad(failure: TaskFailure): Error {
    this.#reason = failure;
    this.#endThread();
    return Object.assign(new Error(failure.message), { name: failure.name, stack: failure.stack ?? failure.message });
  }

  #onExit(): void {
    if (this.#gone) return;
    this.#gone = true;
    const { kind, log, metrics } = this.#options;
    metrics.count('drover_handler_threads_replaced_total', { kind });
    const reason = this.#reason ?? { name: FAILURES.HANDLER_EXITED, message: 'its thread ended', retryable: true };
    if (!this.#retiring && (this.#reason !== undefined || this.#calls.size > 0))
      log.event('executor.thread-ended', {
        kind,
        reason: `${reason.name}: ${reason.message}`,
        tasks: this.#calls.size,
      });
    const guilty = this.#calls.size === 1 ? [...this.#calls.keys()][0] : Atomics.load(this.#pulse, PULSE.CURRENT);
    const isKnown = guilty !== undefined && this.#calls.has(guilty);
    for (const n of [...this.#calls.keys()])
      this.#end(n, n === guilty ? failed(reason.name, reason.message) : { outcome: isKnown ? 'returned' : 'lost' });
    this.#owner.gone(this);
  }
}
