/** An attempt, and what is known of its like. Times are milliseconds. */
export interface Straggler {
  /** Tasks of its batch that have ended, and all of them. */
  readonly done: number;
  readonly of: number;
  /** By what workers tell of its type; null: nobody has told. */
  readonly p50: number | null;
  readonly p95: number | null;
}

const DONE_PART = 0.75;
const DONE_LEAST = 5;
const LEAST_MS = 2_000;

/** After so long an attempt is slow, `times` being times the median; null: too few of its like have ended to tell. */
export function slowAfterMs({ done, of, p50, p95 }: Straggler, times: number): number | null {
  if (done < DONE_LEAST || done < of * DONE_PART) return null;
  return Math.max(times * (p50 ?? 0), p95 ?? 0, LEAST_MS);
}

/** So many more copies may be begun. `share`: of all attempts that are out, at least one copy; 0: no copies. */
export const copiesLeft = (copies: number, out: number, share: number): number =>
  share === 0 ? 0 : Math.max(1, Math.floor(out * share)) - copies;
