import type { Drover } from '@drover/client';
import { parseFilter, valuesOf } from '@drover/core';
import { BUCKETS, ROOTS } from '@drover/protocol';
import { apiOf } from '../client.js';
import type { Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { formatCount } from '../views/format.js';
import { withHandle } from '../zookeeper.js';

/** A list by ZooKeeper that reads more batches is to be asked for. */
const MOST_BATCHES = 10_000;
/** Batches that a list reads in a second, about: for people, who want to know what it costs. */
const BATCHES_PER_SECOND = 5_000;

/** Whether a list may have to read every batch; pure. Without a filter it reads as many as it shows. */
export function mayReadAll(filter: string, limit: number): boolean {
  const terms = parseFilter(filter);
  if (valuesOf(terms, 'batch') !== null || valuesOf(terms, 'id') !== null) return false;
  return terms.length > 0 || limit > MOST_BATCHES;
}

/**
 * Throws `UsageError` that says what a list would cost, where it may read very many batches. Counting them costs one small
 * request for each bucket.
 */
export async function refuseCostlyWalk(environment: Environment, drover: Drover): Promise<void> {
  const status = await drover.status();
  if (status.tasks !== null) {
    const { running: _, ...counts } = status.tasks;
    // Each batch has a task.
    if (Object.values(counts).reduce((sum, count) => sum + count, 0) <= MOST_BATCHES) return;
  }
  const batches = await withHandle(environment, async (zk) => {
    const stats = await Promise.all(BUCKETS.map((bucket) => zk.exists(`${ROOTS.tasks}/${bucket}`)));
    return stats.reduce((sum, stat) => sum + (stat?.numChildren ?? 0), 0);
  });
  if (batches <= MOST_BATCHES) return;
  const seconds = formatCount(Math.ceil(batches / BATCHES_PER_SECOND));
  const instead = apiOf(status) === null ? '' : '--via api, which reads the memory of the leader, or ';
  throw new UsageError(
    `this list may read all ${formatCount(batches)} batches from ZooKeeper, which takes about ${seconds} s and loads its ` +
      `servers; give ${instead}--walk`,
  );
}
