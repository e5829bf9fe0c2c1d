import type { Runtime, Timer } from '@drover/runtime';
import { repeat, type Clock } from './clock.js';

/** How far a process's clocks are from the world's. */
export interface ClockFaults {
  /** How far the wall clock is ahead at the beginning. */
  offsetMs: number;
  /** Milliseconds that its clocks count in one of the world's. */
  rate: number;
}

interface Doom {
  ticks: number;
  turns: number;
  die: () => void;
}

type Kind = 'timer' | 'input' | 'soon';

/** As of Node: a timer fires after a millisecond at the earliest. */
const MIN_TIMER_MS = 1;
/** A callback of `soon` runs within this time: the rest of a turn of the event loop. */
const TURN_MS = 0.05;

/**
 * The runtime of one process from its start to its death. Every event of the process passes through here. So the
 * process can be stopped (its events wait until it goes on) and killed (none of its events runs any more).
 */
export class ProcessRuntime implements Runtime {
  readonly random: () => number;
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #offsetMs: number;
  #wallOffsetMs: number;
  #isDead = false;
  #isStopped = false;
  #doom: Doom | null = null;
  /** Events that are due and have not run: the process is stopped, or earlier held events run first. */
  #held: { kind: Kind; run: () => void }[] = [];

  constructor(clock: Clock, random: () => number, { offsetMs, rate }: ClockFaults) {
    this.#clock = clock;
    this.random = random;
    this.#rate = rate;
    this.#offsetMs = offsetMs;
    this.#wallOffsetMs = offsetMs;
  }

  now(): number {
    return Math.floor(this.#clock.beginningMs + this.#wallOffsetMs + this.monotonic());
  }

  monotonic(): number {
    return this.#clock.nowMs * this.#rate;
  }

  after(delayMs: number, callback: () => void): Timer {
    const atMs = this.#clock.nowMs + Math.max(delayMs, MIN_TIMER_MS) / this.#rate;
    let isCancelled = false;
    const event = this.#at(atMs, 'timer', () => {
      if (!isCancelled) callback();
    });
    return {
      cancel: () => {
        isCancelled = true;
        event.cancelled = true;
      },
    };
  }

  every(periodMs: number, callback: () => void): Timer {
    return repeat(this, periodMs, callback);
  }

  soon(callback: () => void): void {
    this.#at(this.#clock.nowMs + this.random() * TURN_MS, 'soon', callback);
  }

  /** Runs `callback` as an event: data has arrived at the process now. */
  input(callback: () => void): void {
    this.#due('input', callback);
  }

  jumpWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Somebody sets the wall clock right, as it was at the beginning. */
  setWallClockRight(): void {
    this.#wallOffsetMs = this.#offsetMs;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** As SIGSTOP: the clocks of the process go on, and none of its events runs. */
  stop(): void {
    this.#isStopped = true;
  }

  /** As SIGCONT: the events that are due by now run, timers first, as in Node's loop. */
  go(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    const order: readonly Kind[] = ['timer', 'input', 'soon'];
    this.#held.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
    this.#makeUp();
  }

  /** Lets the process die in the middle of its next event. */
  doom(doom: Doom | null): void {
    this.#doom = doom;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  kill(): void {
    this.#isDead = true;
    this.#held = [];
  }

  /**
   * Runs the held events one at a time, so that promises of each settle before the next; new events queue behind them.
   */
  #makeUp(): void {
    const [next] = this.#held;
    if (next === undefined || this.#isStopped) return;
    this.#clock.at(this.#clock.nowMs, () => {
      if (this.#isStopped || this.#held[0] !== next) return;
      this.#held.shift();
      this.#makeUp();
      this.#happen(next.run);
    });
  }

  #at(atMs: number, kind: Kind, run: () => void): { cancelled: boolean } {
    return this.#clock.at(atMs, () => this.#due(kind, run));
  }

  #due(kind: Kind, run: () => void): void {
    if (this.#isDead) return;
    if (this.#isStopped || this.#held.length > 0) this.#held.push({ kind, run });
    else this.#happen(run);
  }

  #happen(run: () => void): void {
    const doom = this.#doom;
    this.#doom = null;
    if (doom !== null) countDown(doom.ticks, doom.turns, doom.die);
    run();
  }
}

/** Calls `act` after so many ticks, and then so many turns of the queue of promises. */
function countDown(ticks: number, turns: number, act: () => void): void {
  if (ticks > 0) process.nextTick(() => countDown(ticks - 1, turns, act));
  else if (turns > 0) queueMicrotask(() => countDown(0, turns - 1, act));
  else act();
}
