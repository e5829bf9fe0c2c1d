import { systemRuntime, type Runtime, type Timer } from '@drover/runtime';
import { BEGINNING, EventQueue, type Event } from '@drover/simulation';

/** Events that one turn of the real event loop runs. */
const BURST = 64;
/** As of Node: a timer fires after a millisecond at the earliest. */
const MIN_TIMER_MS = 1;

/**
 * A clock that stands still until it is moved. Events that are due at the instant that it shows happen by themselves,
 * soon and in order; later ones wait until `moveBy` has moved the clock there. Between two events the promises that the
 * first one settled have run.
 *
 * Short delays elapse by themselves: those that production code takes for no time at all (a worker that gathers results
 * for a millisecond). Each `runtime` says how long these are; they push the horizon, up to which events happen.
 *
 * `holds` says whether somebody needs real time at the instant that the clock shows: then the clock does not move on.
 * `wake` must be called when that need has ended.
 */
export class TestClock {
  readonly #queue = new EventQueue();
  readonly #holds: () => boolean;
  readonly #threw: (error: unknown) => void;
  #nowMs = 0;
  #horizonMs = 0;
  #isPumping = false;
  #onQuiet: (() => void)[] = [];

  constructor(holds: () => boolean, threw: (error: unknown) => void) {
    this.#holds = holds;
    this.#threw = threw;
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return BEGINNING + Math.floor(this.#nowMs);
  }

  /** A view of this clock in which timers of at most `elapsesMs` elapse by themselves. */
  runtime(elapsesMs: number, random: () => number): Runtime {
    const after = (delayMs: number, callback: () => void): Timer => {
      const delay = Math.max(delayMs, MIN_TIMER_MS);
      const event = this.#at(this.#nowMs + delay, callback);
      if (delay <= elapsesMs) this.#allowUntil(event.atMs);
      return { cancel: () => (event.cancelled = true) };
    };
    return {
      now: () => this.now,
      monotonic: () => this.#nowMs,
      after,
      every: (periodMs, callback) => repeat(after, periodMs, callback),
      soon: (callback) => {
        this.#at(this.#nowMs, callback);
        this.wake();
      },
      random,
    };
  }

  /** Resolves when nothing is left to happen now, or when somebody holds the clock. */
  async quiet(): Promise<void> {
    this.wake();
    await this.#pumped();
  }

  /** Moves the clock by `ms`, once all is quiet. Resolves when the events that were due on the way have happened. */
  async moveBy(ms: number): Promise<void> {
    await this.#unheld();
    const targetMs = this.#nowMs + ms;
    this.#allowUntil(targetMs);
    await this.#unheld();
    this.#nowMs = Math.max(this.#nowMs, targetMs);
  }

  /** Moves the clock until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const promised = { isSettled: false };
    const settled = promise.finally(() => (promised.isSettled = true));
    settled.catch(() => undefined);
    for (;;) {
      await this.#unheld();
      const nextMs = this.#queue.nextAtMs();
      if (promised.isSettled || nextMs === null) return settled;
      this.#allowUntil(nextMs);
    }
  }

  /** Runs the events that have become possible. */
  wake(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#burst();
  }

  async #unheld(): Promise<void> {
    for (;;) {
      await this.quiet();
      if (!this.#holds()) return;
      await this.#pumped();
    }
  }

  #pumped(): Promise<void> {
    return new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  #at(atMs: number, run: () => void): Event {
    return this.#queue.add(atMs, run);
  }

  #allowUntil(atMs: number): void {
    this.#horizonMs = Math.max(this.#horizonMs, atMs);
    this.wake();
  }

  #mayStep(): boolean {
    const nextMs = this.#queue.nextAtMs();
    if (nextMs === null || nextMs > this.#horizonMs) return false;
    return nextMs <= this.#nowMs || !this.#holds();
  }

  #burst(): void {
    for (let i = 0; i < BURST; i++) soonForReal(() => this.#step());
    soonForReal(() => {
      if (this.#mayStep()) return this.#burst();
      this.#isPumping = false;
      const waiting = this.#onQuiet;
      this.#onQuiet = [];
      for (const resolve of waiting) resolve();
    });
  }

  #step(): void {
    if (!this.#mayStep()) return;
    const event = this.#queue.take();
    if (event === null) return;
    this.#nowMs = Math.max(this.#nowMs, event.atMs);
    try {
      event.run();
    } catch (error) {
      this.#threw(error);
    }
  }
}

function repeat(after: Runtime['after'], periodMs: number, callback: () => void): Timer {
  const again = (): void => {
    timer = after(periodMs, again);
    callback();
  };
  let timer = after(periodMs, again);
  return { cancel: () => timer.cancel() };
}

const soonForReal = (callback: () => void): void => systemRuntime.soon(callback);
