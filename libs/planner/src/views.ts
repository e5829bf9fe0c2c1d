import type { TaskState } from '@drover/core';
import type { BatchState } from './batch-state.js';
import type { State } from './state.js';
import { TASK } from './task-table.js';

/** `ended`: succeeded or cancelled, in a finished batch of which the leader no longer knows. */
export type SeenState = Exclude<TaskState, 'assigned'> | 'ended';

export function stateAt(batch: BatchState, index: number): SeenState {
  if (batch.finished !== null) {
    if (batch.finished.failed.includes(index)) return 'failed';
    if (batch.cancelled === 0) return 'succeeded';
    return batch.succeeded === 0 ? 'cancelled' : 'ended';
  }
  switch (batch.code(index)) {
    case TASK.waiting:
      return batch.runAt(index).due ? 'pending' : 'scheduled';
    case TASK.again:
      return 'pending';
    case TASK.retrying:
      return 'retrying';
    case TASK.out:
      return 'running';
    case TASK.succeeded:
      return batch.blurred ? 'ended' : 'succeeded';
    case TASK.failed:
      return 'failed';
    case TASK.cancelled:
      return batch.blurred ? 'ended' : 'cancelled';
  }
}

export interface QueueView {
  paused: boolean;
  pending: number;
  running: number;
}

export function viewQueues(state: State): Record<string, QueueView> {
  const views: Record<string, QueueView> = {};
  for (const { name, settings, pending, running } of state.queues.values())
    views[name] = { paused: settings.paused, pending, running };
  return views;
}

/** Types with pending tasks that no worker offers (one that drains does not count), sorted. */
export function unservedTypes(state: State): string[] {
  const types = new Set<string>();
  for (const queue of state.busy)
    for (const lane of queue.busy) if (state.workers.offering(lane.type).length === 0) types.add(lane.type);
  return [...types].sort();
}
