import {
  InvalidArgumentError,
  isFinal,
  isLeaderDecided,
  localTask,
  parseTaskId,
  RecordError,
  TaskNotFoundError,
  type TaskId,
} from '@drover/core';
import type { Log } from '@drover/observability';
import type { BatchHeader } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { Cluster } from './cluster.js';
import { isPurged, readBatch, type StoredBatch, type UnreadBatch } from './stored-batch.js';
import { viewTask, viewUnread } from './task-view.js';
import type { TaskView } from './views.js';

export interface GetContext {
  runtime: Runtime;
  log: Log;
}

/** Throws `TaskNotFoundError`, `InvalidArgumentError`, and `RecordError` where the batch is garbage. */
export async function getTask(zk: ZooKeeper, id: TaskId, withPayload: boolean, context: GetContext): Promise<TaskView> {
  const { batch: batchId, index } = parseTaskId(checkTaskId(id)) ?? { batch: '', index: 0 };
  const view = await viewOf(zk, batchId, index, id, context);
  if (view.batch === null) return view.task;
  return withPayload ? withPayloadOf(view.batch, index, view.task) : view.task;
}

async function viewOf(
  zk: ZooKeeper,
  batchId: string,
  index: number,
  id: TaskId,
  { runtime, log }: GetContext,
): Promise<{ batch: StoredBatch | null; task: TaskView }> {
  const batch = await existing(zk, batchId, index, id, log);
  if ('unread' in batch) return { batch: null, task: viewUnread(batch, index) };
  const task = viewTask(batch, index, null, runtime.now());
  if (isFinal(task.state)) return { batch, task };
  // Assignments first, then the results once more: a report that comes between is seen, and wins.
  const cluster = await Cluster.read(zk);
  const again = await existing(zk, batchId, index, id, log);
  if ('unread' in again) return { batch: null, task: viewUnread(again, index) };
  const out = (await cluster.outOf(zk, again)).get(index) ?? null;
  const later = viewTask(again, index, out, runtime.now());
  if (later.state === 'pending') later.reason = reasonOf(later, cluster);
  return { batch: again, task: later };
}

/** Whether its unique key, its limits, its sequence or other tasks hold it back only the leader knows. */
function reasonOf({ id, type, queue, unique, after, attempt, limits, sequence }: TaskView, cluster: Cluster): string {
  const reason = cluster.reasonOf(type, queue);
  const before = after?.length ?? 0;
  if (before > 0 && attempt === 0)
    return `${reason}; or it waits for ${before === 1 ? 'a task' : `some of ${before} tasks`} that it is to run after: drover why ${id} tells`;
  const others = [
    ...(isLeaderDecided(unique ?? null) ? ['its unique key holds'] : []),
    ...(limits === undefined ? [] : ['its limits hold']),
    ...(sequence === undefined ? [] : ['its sequence holds']),
  ];
  return others.length === 0 ? reason : `${reason}; or ${others.join(', or ')} it back: drover why ${id} tells`;
}

async function existing(
  zk: ZooKeeper,
  batchId: string,
  index: number,
  id: TaskId,
  log: Log,
): Promise<StoredBatch | UnreadBatch> {
  const batch = (await readBatch(zk, batchId, log)) ?? (await afterSync(zk, batchId, log));
  // The number of tasks of an unread batch is not certain.
  const isNone = (header: BatchHeader): boolean => index >= header.count || isPurged(header, index);
  if (batch === null || (!('unread' in batch) && isNone(batch.header))) throw new TaskNotFoundError(id);
  return batch;
}

/** The server that answered may not have the batch yet: it is asked again after a sync. */
async function afterSync(zk: ZooKeeper, batchId: string, log: Log): Promise<StoredBatch | UnreadBatch | null> {
  if (!zk.capabilities.sync) return null;
  await zk.sync();
  return readBatch(zk, batchId, log);
}

function withPayloadOf(batch: StoredBatch, index: number, view: TaskView): TaskView {
  const json = batch.payload(index);
  if (json === undefined) return view;
  try {
    return { ...view, payload: JSON.parse(json) as unknown };
  } catch (cause) {
    throw new RecordError(view.id, 'the payload is not JSON', { cause });
  }
}

/** An id of this system. Throws `InvalidArgumentError`, and `UnknownCellError` where it names a cell. */
export function checkTaskId(id: unknown): TaskId {
  if (typeof id === 'string' && localTask(id) !== null) return id;
  throw new InvalidArgumentError('task id', id, 'an id such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0');
}
