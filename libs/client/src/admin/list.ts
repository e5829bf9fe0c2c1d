import { InvalidArgumentError, isBatchId, RecordError, TASK_STATES, type BatchId, type TaskState } from '@drover/core';
import { BUCKETS, ROOTS } from '@drover/protocol';
import type { Log } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import type { ListOptions, TaskView } from '../views.js';
import { Cluster } from './cluster.js';
import { childrenOf } from './read-records.js';
import { readBatch, type ReadBatch } from './read-batch.js';
import { viewTask } from './task-view.js';

const DEFAULT_LIMIT = 100;
/** Batches read at a time. */
const AHEAD = 8;

export interface ListContext {
  connection: Connection;
  runtime: Runtime;
  log: Log;
}

/**
 * Tasks newest first: ids of batches are ordered by time, so the names alone say where to begin, and no more batches
 * are read than are needed. Throws `InvalidArgumentError` at the first step.
 */
export async function* listTasks(options: ListOptions, context: ListContext): AsyncGenerator<TaskView, void> {
  const { state, queue } = options;
  let left = checkLimit(options.limit);
  checkState(state);
  const { connection, runtime } = context;
  const read = <T>(act: (zk: ZooKeeper) => Promise<T>): Promise<T> => withHandle(connection, runtime, act);
  const [cluster, ids] = await read((zk) => Promise.all([Cluster.read(zk), newestBatches(zk)]));
  for (let from = 0; from < ids.length && left > 0; from += AHEAD) {
    const some = ids.slice(from, from + AHEAD);
    const pages = await read((zk) => Promise.all(some.map((id) => viewsOf(zk, id, options, cluster, context))));
    for (const view of pages.flat()) {
      if ((state !== undefined && view.state !== state) || (queue !== undefined && view.queue !== queue)) continue;
      yield view;
      if (--left === 0) return;
    }
  }
}

function checkLimit(limit: number | undefined): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit > 0)) return limit;
  throw new InvalidArgumentError('limit', limit, 'a whole number from 1, or Infinity');
}

function checkState(state: TaskState | undefined): void {
  if (state !== undefined && !TASK_STATES.includes(state))
    throw new InvalidArgumentError('state', state, `one of ${TASK_STATES.join(', ')}`);
}

async function newestBatches(zk: ZooKeeper): Promise<BatchId[]> {
  const names = await Promise.all(BUCKETS.map((bucket) => childrenOf(zk, `${ROOTS.tasks}/${bucket}`)));
  return names.flat().filter(isBatchId).sort().reverse();
}

/** Every task of a batch, last first; none where it cannot hold what is looked for, or is gone, or is garbage. */
async function viewsOf(
  zk: ZooKeeper,
  id: BatchId,
  { state, queue }: ListOptions,
  cluster: Cluster,
  { runtime, log }: ListContext,
): Promise<TaskView[]> {
  const batch = await readBatchOrNull(zk, id, log);
  if (batch === null || (queue !== undefined && batch.header.queue !== queue) || cannotHold(batch, state)) return [];
  const out = await cluster.outOf(zk, batch);
  const views: TaskView[] = [];
  for (let index = batch.header.count - 1; index >= 0; index--) {
    const view = viewTask(batch, index, out.get(index) ?? null, runtime.now());
    if (view.state === 'pending') view.reason = cluster.reasonOf(view.type, view.queue);
    views.push(view);
  }
  return views;
}

async function readBatchOrNull(zk: ZooKeeper, id: BatchId, log: Log): Promise<ReadBatch | null> {
  try {
    return await readBatch(zk, id, log);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    log.event('record.invalid', { path: error.path, reason: error.message });
    return null;
  }
}

/** A finished batch says how many of each it has. */
function cannotHold({ header: { finished } }: ReadBatch, state: TaskState | undefined): boolean {
  if (finished === undefined || state === undefined) return false;
  switch (state) {
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return finished[state] === 0;
    case 'scheduled':
    case 'pending':
    case 'assigned':
    case 'running':
    case 'retrying':
      return true;
  }
}
