/**
 * How long a scheduler whose term ended for a reason of its own waits before it begins another one: not at all, unless
 * terms keep ending soon after they began.
 */
export function pauseBeforeTerm(shortTerms: number): number {
  return shortTerms <= 1 ? 0 : Math.min(100 * 2 ** (shortTerms - 2), 5_000);
}

/** Consecutive terms that were short, the last one included. */
export function shortTermsAfter(before: number, livedMs: number): number {
  return livedMs < 10_000 ? before + 1 : 0;
}
