/** How long to wait before the `tries`-th time, from 1: twice as long after each. */
export function backoff(tries: number, firstMs: number, longestMs: number): number {
  return Math.min(firstMs * 2 ** Math.min(tries - 1, 30), longestMs);
}

/** How long to wait before a write that ZooKeeper refused is repeated. */
export const refusedBackoff = (tries: number): number => backoff(tries, 500, 60_000);
