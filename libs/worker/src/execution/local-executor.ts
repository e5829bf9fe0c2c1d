import type { HandlerInterceptor } from '@drover/core';
import { toHandlers, withInterceptors, type LoadedHandler } from '../threads/load-handlers.js';
import type { StepAsk } from '../steps/step-call.js';
import { ThreadContext, type NoteSink } from '../threads/thread-context.js';
import { callHandler } from './call-handler.js';
import type { TypeEntry } from './catalog.js';
import type { Call, Execution, Executor } from './executor.js';

/**
 * Runs handlers in the thread of the caller, as tests want it: a debugger stops in them, and mocks of the test reach
 * them. Nothing protects the caller from a handler that blocks, and one that ignores its signal goes on.
 */
export class LocalExecutor implements Executor {
  /** The value of `WorkerOptions.types`. */
  readonly types: ReadonlyMap<string, TypeEntry>;
  readonly #handlers: ReadonlyMap<string, LoadedHandler>;
  readonly #worker: string;
  readonly #running = new Map<number, Call>();
  #lastNumber = 0;
  #onIdle: (() => void)[] = [];

  /**
   * `handlers`: what `defineHandlers` gives. `worker`: for `ctx.worker`. `interceptors`: those that a module of the
   * handlers would export. Throws a `TypeError` that names the entry that is
   * not a handler.
   */
  constructor(handlers: object, worker = 'local', interceptors: readonly HandlerInterceptor[] = []) {
    this.#handlers = withInterceptors(toHandlers(handlers), interceptors);
    this.#worker = worker;
    this.types = new Map([...this.#handlers].map(([type, { description }]) => [type, this.#entry(description)]));
  }

  /** How many handlers run. */
  get running(): number {
    return this.#running.size;
  }

  /** Resolves when no handler runs. */
  async idle(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  room(): number {
    return Number.POSITIVE_INFINITY;
  }

  start(call: Call): Execution {
    const n = ++this.#lastNumber;
    this.#running.set(n, call);
    const { task, attempt, fencingToken, type, payload, fire, trace, queue, step, devices, checkpoint } = call;
    const named = {
      ...(fire === undefined ? {} : { fire }),
      ...(trace === undefined ? {} : { trace }),
      ...(step === undefined ? {} : { step: step.place }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(devices === undefined ? {} : { devices }),
    };
    const sink: NoteSink = {
      note: ({ log, progress, checkpoint: left, label }) => {
        if (log !== undefined) call.log(log.message, log.fields);
        if (progress !== undefined) call.progress(progress.fraction, progress.note);
        if (left !== undefined) call.leave(left);
        if (label !== undefined) call.setLabel(...label);
      },
    };
    const desk = step === undefined ? null : { ask: (_n: number, what: StepAsk) => step.answer(what) };
    const of = { n, task, type, queue, attempt, fencingToken, ...named };
    const context = new ThreadContext(of, this.#worker, sink, desk);
    callHandler(this.#handlers.get(type), type, payload, context, (end) => {
      call.ended(end);
      this.#forget(n);
    });
    return { abort: (reason) => context.abort(reason), abandon: () => this.#forget(n) };
  }

  async close(): Promise<void> {
    for (const n of [...this.#running.keys()]) this.#forget(n);
  }

  #entry({ timeoutMs, heartbeatMs, retry, concurrency }: LoadedHandler['description']): TypeEntry {
    return { instant: null, executor: this, timeoutMs, heartbeatMs, retry, concurrency };
  }

  #forget(n: number): void {
    this.#running.delete(n);
    if (this.#running.size > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }
}
