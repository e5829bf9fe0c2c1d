import type { Queue } from '../data/types.js';

/** Tasks that have not ended, of several queues together. */
export interface Unfinished {
  readonly scheduled: number;
  readonly pending: number;
  readonly out: number;
  readonly retrying: number;
}

/** For callers who see some queues only: the whole is not told to them. Pure. */
export function sumOf(queues: readonly Pick<Queue, 'pending' | 'out' | 'live'>[]): Unfinished {
  const sum = (of: (queue: (typeof queues)[number]) => number): number =>
    queues.reduce((total, queue) => total + of(queue), 0);
  return {
    scheduled: sum(({ live }) => live?.scheduled ?? 0),
    pending: sum(({ pending }) => pending),
    out: sum(({ out }) => out),
    retrying: sum(({ live }) => live?.retrying ?? 0),
  };
}
