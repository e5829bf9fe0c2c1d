import type { Work } from '../run/work.js';

/**
 * When what has ended may leave. A whole assignment leaves at once. A part waits for its neighbours, but not for a slow
 * one: the first part for a millisecond, each further part twice as long as the one before, up to 16 ms. So a result
 * that has ended beside a slow one is out within milliseconds, while hundreds of tasks that end one by one take tens of
 * znodes rather than hundreds.
 */
const FIRST_PART_MS = 1;
const MAX_PART_MS = 16;

/** Milliseconds until `work` should be reported; `null`: there is nothing. `nowMs`: monotonic. */
export function dueInMs(work: Work, isHurried: boolean, nowMs: number): number | null {
  if (work.fresh === 0) return null;
  if (work.isComplete || isHurried || work.freshSinceMs === null) return 0;
  const waitMs = Math.min(FIRST_PART_MS * 2 ** Math.min(work.parts, 10), MAX_PART_MS);
  return Math.max(work.freshSinceMs + waitMs - nowMs, 0);
}
