import type { Runtime, Timer } from './runtime.js';

/** Node's timers count in 31 bits: a longer one fires after a millisecond, with a warning. */
export const LONGEST_TIMER_MS = 0x7fff_ffff;

/**
 * Makes an `after` without a bound of one that takes at most `longestMs`: a long wait is a chain of waits, each of
 * which computes the rest by the monotonic clock. `Infinity` waits for ever.
 */
export function inPieces(
  { after, monotonic }: Pick<Runtime, 'after' | 'monotonic'>,
  longestMs: number = LONGEST_TIMER_MS,
): Runtime['after'] {
  return (delayMs, callback) => {
    if (!(delayMs > longestMs)) return after(delayMs, callback);
    const endMs = monotonic() + delayMs;
    const wait = (): Timer => {
      const leftMs = endMs - monotonic();
      if (leftMs <= longestMs) return after(leftMs, callback);
      return after(longestMs, () => (timer = wait()));
    };
    let timer = wait();
    return { cancel: () => timer.cancel() };
  };
}
