import type { Runtime, Timer } from '@drover/runtime';
import { EventQueue, type Event } from './event-queue.js';

/** Wall clock of a world at its beginning, in milliseconds since 1970, where its settings do not say otherwise. */
export const BEGINNING = Date.UTC(2026, 0, 1);

/** Events that one turn of the real event loop runs. */
const BURST = 64;

/**
 * The world's time: it stands still while an event runs, and jumps to the next one. Between two events the promises and
 * ticks that the first one settled have run: Node does so between any two immediates, many of which go in one turn of
 * its loop, so a step costs next to nothing.
 */
export class Clock {
  /** The wall clock of the world at its beginning. */
  readonly beginningMs: number;
  readonly #queue = new EventQueue();
  readonly #threw: (error: unknown) => void;
  #nowMs = 0;
  #steps = 0;

  /** `threw` is called with the error of an event that throws. */
  constructor(threw: (error: unknown) => void, beginningMs = BEGINNING) {
    this.#threw = threw;
    this.beginningMs = beginningMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  at(atMs: number, run: () => void): Event {
    // An event at Infinity is not queued: the time would jump to it when nothing else is left.
    if (atMs === Infinity) return { atMs, run, cancelled: true };
    return this.#queue.add(Math.max(atMs, this.#nowMs), run);
  }

  /** Runs events until `isDone`, asked between them, or until nothing is left to happen. */
  async run(isDone: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      let isOver = false;
      const step = (): void => {
        if (isOver) return;
        isOver = isDone() || !this.#step();
        if (isOver) resolve();
      };
      const burst = (): void => {
        if (isOver) return;
        for (let i = 0; i < BURST; i++) soonForReal(step);
        soonForReal(burst);
      };
      burst();
    });
  }

  #step(): boolean {
    const event = this.#queue.take();
    if (event === null) return false;
    this.#nowMs = event.atMs;
    this.#steps++;
    try {
      event.run();
    } catch (error) {
      this.#threw(error);
    }
    return true;
  }
}

// eslint-disable-next-line no-restricted-globals -- the one place that needs the real event loop
const soonForReal = (callback: () => void): void => void setImmediate(callback);

/** The runtime of the network and the servers, which are never stopped and whose clocks are exact. */
export class WorldRuntime implements Runtime {
  readonly #clock: Clock;
  readonly random: () => number;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.random = random;
  }

  now(): number {
    return this.#clock.beginningMs + Math.floor(this.#clock.nowMs);
  }

  monotonic(): number {
    return this.#clock.nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const event = this.#clock.at(this.#clock.nowMs + delayMs, callback);
    return { cancel: () => (event.cancelled = true) };
  }

  every(periodMs: number, callback: () => void): Timer {
    return repeat(this, periodMs, callback);
  }

  soon(callback: () => void): void {
    this.#clock.at(this.#clock.nowMs, callback);
  }
}

/** `every` by means of `after`. */
export function repeat(runtime: Pick<Runtime, 'after'>, periodMs: number, callback: () => void): Timer {
  const again = (): void => {
    timer = runtime.after(periodMs, again);
    callback();
  };
  let timer = runtime.after(periodMs, again);
  return { cancel: () => timer.cancel() };
}
