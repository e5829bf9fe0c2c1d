import type { Flow } from '@drover/client';

/** Items of the map, and numbers in each. */
export const RANGES = 300;
export const RANGE = 50_000;
export const MAP = 'count';
/** Counts that one task of the reduce adds up. */
const ARITY = 20;
/** Two levels: the second is one task. */
export const REDUCE_TASKS = Math.ceil(RANGES / ARITY) + 1;

interface Ask {
  ranges: number;
  width: number;
  /** The file in which handlers leave their traces. */
  trace: string;
}

/** Counts primes: one step lists ranges of numbers, a map counts in each, a reduce adds up. */
export async function primesFlow(): Promise<Flow<Ask, number>> {
  const { flow } = await import('@drover/client');
  return flow<Ask, number>('demo-primes', (f) => {
    const list = f.step('list', 'demo.ranges', f.input);
    const counts = f.map(MAP, 'demo.primes', list.items);
    return f.reduce('add-up', 'demo.add', counts, { arity: ARITY }).result;
  });
}
