import { seededRandom, type Runtime, type Timer } from '@drover/runtime';

export interface ManualRuntimeOptions {
  /** Wall clock at the beginning. Default: 2026-01-01T00:00:00Z. */
  nowMs?: number;
  /** Seed of `random()`. Default 1: every run draws the same lots. */
  seed?: number;
}

interface Entry {
  dueMs: number;
  /** Timers due at the same time fire in the order in which they were made. */
  order: number;
  periodMs: number | null;
  callback: () => void;
}

/**
 * A `Runtime` whose clock stands still until the test moves it. Timers fire inside `advance`, in the order in which
 * they are due; after each one the promises that it settled have run. `soon` is about turns of the event loop and not
 * about time, so it is the real one.
 */
export class ManualRuntime implements Runtime {
  readonly random: () => number;
  #elapsedMs = 0;
  #wallOffsetMs: number;
  #made = 0;
  readonly #entries = new Set<Entry>();

  constructor(options: ManualRuntimeOptions = {}) {
    this.#wallOffsetMs = options.nowMs ?? Date.UTC(2026, 0, 1);
    this.random = seededRandom(options.seed ?? 1);
  }

  now(): number {
    return this.#wallOffsetMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#add(Math.max(0, delayMs), null, callback);
  }

  every(periodMs: number, callback: () => void): Timer {
    if (!(periodMs > 0)) throw new RangeError(`every: periodMs is ${periodMs}, expected more than 0`);
    return this.#add(periodMs, periodMs, callback);
  }

  soon(callback: () => void): void {
    setImmediate(callback);
  }

  /** How many timers are waiting: for laws such as "a stopped service leaves no timer behind". */
  get pendingTimers(): number {
    return this.#entries.size;
  }

  /** Moves both clocks by `durationMs`, firing what comes due on the way, timers made on the way included. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#elapsedMs + durationMs;
    await this.settle();
    for (let next = this.#next(endMs); next !== null; next = this.#next(endMs)) {
      this.#fire(next);
      await this.settle();
    }
    this.#elapsedMs = endMs;
  }

  /** Moves both clocks at once, as when the process was stopped meanwhile: timers become due but don't fire yet. */
  stall(durationMs: number): void {
    this.#elapsedMs += durationMs;
  }

  /** Lets the wall clock jump, as NTP or an operator does. No timer and no duration is touched by it. */
  jumpWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Resolves when the promises and `soon` callbacks that were waiting have run. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #add(delayMs: number, periodMs: number | null, callback: () => void): Timer {
    const entry: Entry = { dueMs: this.#elapsedMs + delayMs, order: this.#made++, periodMs, callback };
    this.#entries.add(entry);
    return { cancel: () => void this.#entries.delete(entry) };
  }

  #next(untilMs: number): Entry | null {
    let first: Entry | null = null;
    for (const entry of this.#entries) {
      if (entry.dueMs > untilMs) continue;
      if (first === null || entry.dueMs < first.dueMs || (entry.dueMs === first.dueMs && entry.order < first.order)) {
        first = entry;
      }
    }
    return first;
  }

  #fire(entry: Entry): void {
    // After a stall an entry may be overdue: the clock never runs backwards.
    this.#elapsedMs = Math.max(this.#elapsedMs, entry.dueMs);
    if (entry.periodMs === null) this.#entries.delete(entry);
    else entry.dueMs = this.#elapsedMs + entry.periodMs;
    entry.callback();
  }
}
