/** A thread that lived so long was well: its end is the first failure again. */
const WELL_MS = 60_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** Pure: how often the thread has failed in a row, and how long to wait before it is started again. */
export function pauseBefore(failuresBefore: number, livedMs: number): { failures: number; pauseMs: number } {
  const failures = livedMs >= WELL_MS ? 1 : failuresBefore + 1;
  return { failures, pauseMs: Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)) };
}
