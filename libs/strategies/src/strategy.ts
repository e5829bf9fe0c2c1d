/**
 * A worker that offers the type of the tasks, as a strategy sees it. A strategy sees full workers too (`free` is 0), so
 * that it can keep a proportion between all of them. It does not see workers that drain, that are gone, or that have
 * been full for long without ending a task.
 */
export interface Candidate {
  /** Stable while the worker lives. */
  readonly worker: string;
  /** Tasks that it may be given now. 0 only if some of its tasks are out. */
  readonly free: number;
  /** Tasks that are out at it. */
  readonly out: number;
  /** Tasks that it runs at the same time, at least 1. */
  readonly capacity: number;
  /** Above 0. */
  readonly weight: number;
}

/**
 * Decides how many of `count` like tasks each worker gets. The laws (`laws.ts` checks them, for your own strategies
 * too): the answer has one whole number per candidate; none is negative or above the candidate's `free`; the sum is at
 * most `count`; the same calls give the same answers (all chance comes from `random`).
 *
 * A strategy may hold tasks back, to keep a proportion. It must not while some candidate is idle, with nothing `out`
 * and something `free`: then the sum is at least 1. While every candidate has tasks out, one of these will end or be
 * taken away, and the planner asks again then; so no task waits for ever.
 *
 * A strategy may keep state between calls (whose turn it is); one object serves one leader's term.
 */
export interface Strategy {
  readonly name: string;
  /**
   * True: its answers do not depend on workers that it does not see. It never sees the full ones, and when more than a
   * hundred workers have room it sees some of them, others each time. Default: it sees all, so that the cost of a
   * decision grows with the number of workers.
   */
  readonly takesAny?: boolean;
  distribute(count: number, candidates: readonly Candidate[], random: () => number): number[];
}

export type StrategyFactory = () => Strategy;
