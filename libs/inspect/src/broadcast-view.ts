import { isFinal, type BatchId } from '@drover/core';
import type { StoredBroadcast } from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';
import type { Cluster } from './cluster.js';
import type { StoredBatch } from './stored-batch.js';
import { viewTask } from './task-view.js';
import type { BroadcastCounts, BroadcastSummary, BroadcastWorker } from './views.js';

/** The workers of one batch of a broadcast, and how far each has come. `cluster`: null, where nobody asks who has what. */
export async function broadcastWorkers(
  zk: ZooKeeper,
  batch: StoredBatch,
  cluster: Cluster | null,
  now: number,
): Promise<BroadcastWorker[]> {
  const out = cluster === null ? null : await cluster.outOf(zk, batch);
  return (batch.header.broadcast?.workers ?? []).map((worker, index) => {
    const view = viewTask(batch, index, out?.get(index) ?? null, now);
    const { id: task, state, attempt, result, error, startedAt, finishedAt } = view;
    return {
      ...{ worker, task, state, attempt },
      ...(state === 'succeeded' && { result }),
      ...(error !== undefined && { error }),
      ...(startedAt !== undefined && { startedAt }),
      ...(finishedAt !== undefined && { finishedAt }),
    };
  });
}

export function countsOf(workers: readonly BroadcastWorker[]): BroadcastCounts {
  const counts = { workers: workers.length, waiting: 0, succeeded: 0, failed: 0, cancelled: 0 };
  for (const { state } of workers)
    if (state === 'succeeded' || state === 'failed' || state === 'cancelled') counts[state]++;
    else if (state === 'unreadable' || !isFinal(state)) counts.waiting++;
  return counts;
}

export function broadcastSummary(
  { id, submittedAt, record }: StoredBroadcast & { id: BatchId; submittedAt: number },
  counts: BroadcastCounts,
): BroadcastSummary {
  const { queue, task, where = {}, key = null, skipDraining = false, joinersMs, client, by, reason } = record;
  const { closed = null, finished, reached } = record;
  const state = finished !== undefined ? 'finished' : closed === null ? 'open' : 'closed';
  return {
    ...{ id, type: task.type, queue, where, key, skipDraining, state, submittedAt, client, counts },
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
    reached: reached === undefined ? null : { at: reached.at, workers: reached.workers },
    until: submittedAt + joinersMs,
    closed: closed === null ? null : closedOf(closed),
    finishedAt: finished?.at ?? null,
  };
}

function closedOf({
  at,
  why,
  newer,
  by,
  reason,
}: NonNullable<StoredBroadcast['record']['closed']>): BroadcastSummary['closed'] {
  return {
    ...{ at, why },
    ...(newer !== undefined && { newer }),
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
  };
}
