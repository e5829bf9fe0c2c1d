/**
 * The only source of time and chance. Every class that waits, measures or uses random numbers is given one, so that a
 * simulator can run the same code on a clock of its own. Nothing outside this library calls `Date.now`,
 * `performance.now`, `setTimeout`, `setImmediate` or `Math.random`.
 */
export interface Runtime {
  /** Wall clock, milliseconds since 1970. It may jump: use it for what is stored and shown, never for a duration. */
  now(): number;
  /** Monotonic clock, milliseconds with fractions from an arbitrary origin. Leases and durations use this one. */
  monotonic(): number;
  /** Calls `callback` once, after `delayMs`, however long that is; never if it is `Infinity`. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` every `periodMs` until cancelled. */
  every(periodMs: number, callback: () => void): Timer;
  /** Calls `callback` after the I/O of this turn of the event loop: for work on all that arrived in one turn. */
  soon(callback: () => void): void;
  /** Uniform in [0, 1). */
  random(): number;
}

export interface Timer {
  /** Safe to call more than once, and after the timer has fired. */
  cancel(): void;
}
