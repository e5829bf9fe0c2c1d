/** A worker that may be given tasks now, as a strategy sees it. */
export interface Candidate {
  /** Stable while the worker lives. */
  readonly worker: string;
  /** Tasks that it may be given now, at least 1. */
  readonly free: number;
  /** Tasks that are out at it. */
  readonly out: number;
  /** Tasks that it runs at the same time. */
  readonly capacity: number;
  readonly weight: number;
}

/**
 * Decides who gets how many of `count` like tasks. The laws (see `laws.ts`, which any strategy can be held against):
 * the answer has one whole number per candidate; none is negative or above the candidate's `free`; the sum is at most
 * `count`, and is not 0 while both `count` and some `free` are not; the same calls give the same answers.
 * A strategy may keep state between calls (whose turn it is), one object serves one leader's term.
 */
export interface Strategy {
  readonly name: string;
  distribute(count: number, candidates: readonly Candidate[], random: () => number): number[];
}

export type StrategyFactory = () => Strategy;
