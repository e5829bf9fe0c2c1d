import type { QueueLive } from '@drover/api';
import { DEFAULT_QUEUE_SETTINGS } from '@drover/core';
import { Slices, type QueueCounts } from '@drover/planner';
import type { TermView } from './term-view.js';

/** Types that nobody runs which are named of a queue. */
const MOST_TYPES = 20;

/** The workers that serve a queue, as looked up. */
export interface Servers {
  readonly workers: number;
  readonly unserved: readonly string[];
}

/** All of the counters of these queues, or of the busiest; `most` of them. */
export const liveQueues = (view: TermView, names: readonly string[] | null, most: number): Slices<QueueLive[]> =>
  new Slices(liveSteps(view, names, most));

function* liveSteps(
  { planner, flow }: TermView,
  names: readonly string[] | null,
  most: number,
): Generator<void, QueueLive[]> {
  const live: QueueLive[] = [];
  for (const counts of planner.queueCounts(names, most)) {
    live.push(liveQueue(counts, flow.queues.get(counts.name), planner.serversOf(counts.name)));
    yield;
  }
  return live;
}

interface Totals {
  readonly submitted: number;
  readonly finished: number;
  readonly failed: number;
}

/** `flow` absent: nothing has gone through it. */
export function liveQueue(counts: QueueCounts, flow: Totals | undefined, { workers, unserved }: Servers): QueueLive {
  const { submitted = 0, finished = 0, failed = 0 } = flow ?? {};
  return { ...counts, submitted, finished, failed, servedBy: workers, unservedTypes: unserved.slice(0, MOST_TYPES) };
}

/** A queue that has neither unfinished tasks nor settings. */
export const emptyQueue = (name: string): QueueCounts => ({
  ...{ name, settings: DEFAULT_QUEUE_SETTINGS, scheduled: 0, pending: 0, out: 0, retrying: 0, oldestDueAt: null },
});
