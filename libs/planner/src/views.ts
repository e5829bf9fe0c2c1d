import type { Range, TaskState } from '@drover/core';
import type { QueueState } from './queue-state.js';
import type { State } from './state.js';
import { PLACE, stateOfPlace, type BatchState } from './tasks.js';

/** The planner cannot tell `running` from `assigned`: only workers can. `ended`: succeeded or cancelled, in a batch that a version finished which did not write down which was which. */
export type SeenState = Exclude<TaskState, 'running'> | 'ended';

export function stateAt(batch: BatchState, index: number): SeenState {
  if (batch.finished !== null) {
    const { failed, cancelledTasks } = batch.finished;
    if (failed.includes(index)) return 'failed';
    if (batch.cancelled === 0) return 'succeeded';
    if (batch.succeeded === 0) return 'cancelled';
    if (cancelledTasks === null) return 'ended';
    return isIn(cancelledTasks, index) ? 'cancelled' : 'succeeded';
  }
  const place = batch.place(index);
  if (place === PLACE.fresh && !batch.runAt(index).due) return 'scheduled';
  const state = stateOfPlace(place);
  if (place === PLACE.retrying && (batch.table?.progress(index).attempt ?? 0) === 0) return 'scheduled';
  return batch.blurred && (state === 'succeeded' || state === 'cancelled') ? 'ended' : state;
}

const isIn = (ranges: readonly Range[], index: number): boolean =>
  ranges.some(([from, to]) => from <= index && index < to);

export interface QueueView {
  paused: boolean;
  pending: number;
  /** Assigned. */
  out: number;
  /** Of a queue that has a bound of unfinished tasks, for itself or for each tenant. */
  unfinished?: number;
  /** It takes no more tasks. */
  full?: true;
  /** So many of its tenants may submit no more. */
  fullTenants?: number;
}

/** The busiest first. */
export function viewQueues(state: State, most: number): { shown: Record<string, QueueView>; leftOut: number } {
  const { shown: busiest, leftOut } = state.busiest.first(most);
  const shown: Record<string, QueueView> = {};
  for (const queue of busiest) {
    const { name, settings, pending, suspects, out } = queue;
    shown[name] = { paused: settings.paused, pending: pending + suspects, out, ...viewBounds(state, queue) };
  }
  return { shown, leftOut };
}

function viewBounds(state: State, queue: QueueState): Pick<QueueView, 'unfinished' | 'full' | 'fullTenants'> {
  if (!queue.isBounded) return {};
  const { isFull, tenants } = state.bounds.of(queue);
  return { unfinished: queue.unfinished, ...(isFull && { full: true }), ...(tenants > 0 && { fullTenants: tenants }) };
}

/**
 * Types with pending tasks that no worker may run (one that drains does not count), sorted. `leftOut` counts a type again
 * for each set of features that its tasks need.
 */
export function unservedTypes(state: State, most: number): { shown: string[]; leftOut: number } {
  const { shown, leftOut } = state.classes.unserved.first(most);
  return { shown: [...new Set(shown.map(({ type }) => type))], leftOut };
}
