import type { Arrival } from './load.js';

/** How long tasks wait at so many places that are always there: first in, first out. */
export function waitsAt(arrivals: readonly Arrival[], places: number): number[] {
  const free = new Float64Array(places);
  return arrivals.map(({ atMs, runMs }) => {
    // A heap by the time from which on each place is free.
    const beginsMs = Math.max(atMs, free[0] ?? 0);
    sink(free, beginsMs + runMs);
    return beginsMs - atMs;
  });
}

function sink(heap: Float64Array, value: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
    if ((heap[child] as number) >= value) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = value;
}

/** The fewest workers of so many places with which the 95th percentile of the waiting times is no longer. */
export function bestFixed(arrivals: readonly Arrival[], places: number, p95Ms: number): number {
  let workers = 1;
  while (percentile(waitsAt(arrivals, workers * places), 0.95) > p95Ms) workers++;
  return workers;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
