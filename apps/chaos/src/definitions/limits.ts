import type { LimitSpec } from '@drover/core';

export interface RunLimit extends Partial<Pick<LimitSpec, 'concurrency' | 'rate'>> {
  name: string;
  per: LimitSpec['per'];
}

/** The limits of every run, declared before its znodes are counted: two for the load, two for the scenario. */
export const LIMITS: readonly RunLimit[] = [
  { name: 'one-a-key', concurrency: 1, per: 'key' },
  { name: 'five-a-second', rate: { limit: 5, periodMs: 1_000, burst: 2 }, per: 'all' },
  { name: 'three-a-key', concurrency: 3, per: 'key' },
  { name: 'fifty-a-second', rate: { limit: 50, periodMs: 1_000, burst: 10 }, per: 'all' },
];
