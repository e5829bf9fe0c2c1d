import type { Runtime, Timer } from '@drover/runtime';
import { BEGINNING, repeat, type Clock } from './clock.js';

/** How far a process's clocks are from the world's. */
export interface ClockFaults {
  /** Of the wall clock, at the beginning. */
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
/** What is done "soon" happens within so much: the rest of a turn of the event loop. */
const TURN_MS = 0.05;

/**
 * The runtime of one process from its start to its death. Whatever happens in the process happens in an event that came
 * by here, so that it can be stopped (its events wait until it is let go on) and killed (nothing of it ever runs again).
 */
export class ProcessRuntime implements Runtime {
  readonly random: () => number;
  readonly #clock: Clock;
  readonly #rate: number;
  #wallOffsetMs: number;
  #isDead = false;
  #isStopped = false;
  #doom: Doom | null = null;
  /** What has come due and has not happened: since it was stopped, or behind what is made up for now. */
  #held: { kind: Kind; run: () => void }[] = [];

  constructor(clock: Clock, random: () => number, { offsetMs, rate }: ClockFaults) {
    this.#clock = clock;
    this.random = random;
    this.#rate = rate;
    this.#wallOffsetMs = offsetMs;
  }

  now(): number {
    return Math.floor(BEGINNING + this.#wallOffsetMs + this.monotonic());
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

  /** Something has arrived at the process now. */
  input(callback: () => void): void {
    this.#due('input', callback);
  }

  jumpWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** As SIGSTOP: its clocks go on, nothing in it does. */
  stop(): void {
    this.#isStopped = true;
  }

  /** As SIGCONT: what has come due meanwhile happens now, timers first, as in Node's loop. */
  go(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    const order: readonly Kind[] = ['timer', 'input', 'soon'];
    this.#held.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
    this.#makeUp();
  }

  /** In the middle of the next event: whatever it does after that reaches nobody, as nothing of it leaves within it. */
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

  /** One at a time, so that the promises of one have run before the next; what comes due now waits behind them. */
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

/** Among the promises and ticks that an event settles: after so many ticks, and then so many turns of promises. */
function countDown(ticks: number, turns: number, act: () => void): void {
  if (ticks > 0) process.nextTick(() => countDown(ticks - 1, turns, act));
  else if (turns > 0) queueMicrotask(() => countDown(0, turns - 1, act));
  else act();
}
