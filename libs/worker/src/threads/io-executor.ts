import { FAILURES } from '@drover/core';
import { inBackground, uncaught, type Timer } from '@drover/runtime';
import type { Call, Execution, Executor } from '../execution/executor.js';
import { HandlerThread, type ThreadOptions } from './handler-thread.js';
import type { HandlerDescription } from './messages.js';

/** Blocked is who does not turn its event loop for so many looks in a row; a pause of this process makes one look late. */
const LOOKS = 10;
/** Loading a large module blocks too, and nobody's task is held up by it alone. */
const LOOKS_LOADING = 100;

/**
 * Handlers that wait more than they compute: many at a time in one thread. A thread whose event loop is blocked for
 * longer than the limit is ended and replaced, and so is one from which an exception escaped or in which a handler does
 * not end (that one when its other calls have ended).
 */
export class IoExecutor implements Executor {
  readonly #options: ThreadOptions;
  readonly #blockedAfterMs: number;
  readonly #threads = new Set<HandlerThread>();
  readonly #looks: Timer;
  readonly #seen = new WeakMap<HandlerThread, { beat: number; times: number }>();
  #current: HandlerThread | undefined;

  constructor(options: Omit<ThreadOptions, 'kind'>, blockedAfterMs: number) {
    this.#options = { ...options, kind: 'io' };
    this.#blockedAfterMs = blockedAfterMs;
    this.#looks = options.runtime.every(blockedAfterMs / LOOKS, () => this.#look());
  }

  /** Loads the module in the first thread. Rejects with what loading it threw. */
  load(): Promise<HandlerDescription[]> {
    return this.#thread().loaded;
  }

  room(): number {
    return Number.POSITIVE_INFINITY;
  }

  start(call: Call): Execution {
    return this.#thread().start(call);
  }

  async close(): Promise<void> {
    this.#looks.cancel();
    await Promise.all([...this.#threads].map((thread) => thread.close()));
  }

  #thread(): HandlerThread {
    if (this.#current !== undefined && !this.#current.retired) return this.#current;
    const forget = (thread: HandlerThread): void => void this.#threads.delete(thread);
    this.#current = new HandlerThread(this.#options, {
      idle: () => undefined,
      retiring: () => undefined,
      gone: forget,
    });
    this.#threads.add(this.#current);
    return this.#current;
  }

  #look(): void {
    for (const thread of this.#threads) {
      const { beat } = thread;
      const last = this.#seen.get(thread);
      const isBusy = thread.size > 0 || !thread.isLoaded;
      const times = last?.beat === beat && isBusy ? last.times + 1 : 0;
      this.#seen.set(thread, { beat, times });
      if (times >= (thread.isLoaded ? LOOKS : LOOKS_LOADING)) inBackground(thread.terminate(this.#blocked()), uncaught);
    }
  }

  #blocked(): { name: string; message: string; retryable: boolean } {
    return {
      name: FAILURES.HANDLER_BLOCKED,
      message: `the event loop of the handlers' thread was blocked for ${this.#blockedAfterMs} ms; declare the handler as kind 'compute'`,
      retryable: true,
    };
  }
}
