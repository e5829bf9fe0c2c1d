import type { Work } from '../run/work.js';

/**
 * When what has ended may leave. A whole assignment leaves at once. A part waits for its neighbours, but not for a slow
 * one: the first part for a millisecond, each further part twice as long as the one before, up to 16 ms. So a result
 * that has ended beside a slow one is out within milliseconds, while hundreds of tasks that end one by one take tens of
 * znodes rather than hundreds.
 *
 * Where the pace so far says that the whole will have ended soon, a part waits for that: twice as long as the assignment
 * has run by now, 25 ms at most. So tasks of some milliseconds make one znode for each assignment.
 */
const FIRST_PART_MS = 1;
const MAX_PART_MS = 16;
const WHOLE_SOON_MS = 25;

/** Milliseconds until `work` should be reported; `null`: there is nothing. `nowMs`: monotonic. */
export function dueInMs(work: Work, isHurried: boolean, nowMs: number): number | null {
  if (work.fresh === 0) return null;
  if (work.isComplete || isHurried || work.freshSinceMs === null) return 0;
  const waitMs = Math.min(FIRST_PART_MS * 2 ** Math.min(work.parts, 10), MAX_PART_MS);
  return Math.max(work.freshSinceMs + Math.max(waitMs, wholeSoonMs(work, nowMs)) - nowMs, 0);
}

/** How long a part should wait for the whole; 0: the end is not in sight. */
function wholeSoonMs(work: Work, nowMs: number): number {
  const ranMs = nowMs - (work.begunMs ?? nowMs);
  const leftMs = (ranMs / work.ended) * (work.size - work.ended);
  return leftMs <= WHOLE_SOON_MS ? Math.min(2 * ranMs, WHOLE_SOON_MS) : 0;
}
