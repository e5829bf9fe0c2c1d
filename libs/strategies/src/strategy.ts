/**
 * A worker that offers the type of the tasks, as a strategy sees it. Full workers are shown too (`free` is 0), so that a
 * strategy can tell whom it would be running ahead of; those that drain, that are gone, or that have been full for long
 * without ending anything are not.
 */
export interface Candidate {
  /** Stable while the worker lives. */
  readonly worker: string;
  /** Tasks that it may be given now. 0 only where something is out. */
  readonly free: number;
  /** Tasks that are out at it. */
  readonly out: number;
  /** Tasks that it runs at the same time, at least 1. */
  readonly capacity: number;
  /** Above 0. */
  readonly weight: number;
}

/**
 * Decides who gets how many of `count` like tasks. The laws (`laws.ts` checks them, of your own strategies too):
 * the answer has one whole number per candidate; none is negative or above the candidate's `free`; the sum is at most
 * `count`; the same calls give the same answers (all chance comes from `random`).
 *
 * A strategy may hold tasks back, to keep a proportion. It must not while some candidate is idle, with nothing `out`
 * and something `free`: then the sum is at least 1. Where everybody has work out, something will end, or be taken away,
 * and then the planner asks again; so no task waits for ever.
 *
 * A strategy may keep state between calls (whose turn it is); one object serves one leader's term.
 */
export interface Strategy {
  readonly name: string;
  /**
   * True: its proportions do not depend on those that it is not shown. Where more than a hundred workers have room it is
   * shown some of them, others each time, and never those that are full. Default: it is shown all, so that what a
   * decision costs grows with the number of workers.
   */
  readonly takesAny?: boolean;
  distribute(count: number, candidates: readonly Candidate[], random: () => number): number[];
}

export type StrategyFactory = () => Strategy;
