import type { QueueSettings, Range, TaskState } from '@drover/core';
import type { WorkClass } from './classes.js';
import type { QueueState } from './queue-state.js';
import type { State } from './state.js';
import { PLACE, stateOfPlace, type BatchState } from './tasks.js';
import type { WorkerState } from './worker-state.js';

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

/** The counters of a queue. */
export interface QueueCounts {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly scheduled: number;
  readonly pending: number;
  readonly out: number;
  readonly retrying: number;
  /** Since when the task has waited that has waited longest; null: none waits. */
  readonly oldestDueAt: number | null;
}

/** Those of the names that have unfinished tasks or settings; null: the busiest. `most` of them. */
export function countQueues(state: State, names: readonly string[] | null, most: number): QueueCounts[] {
  const found =
    names === null
      ? state.busiest.first(most).shown
      : names.slice(0, most).flatMap((name) => state.queues.get(name) ?? []);
  return found.map(countsOf);
}

function countsOf(queue: QueueState): QueueCounts {
  const { name, settings, scheduled, pending, suspects, out, retrying, waits } = queue;
  return { name, settings, scheduled, pending: pending + suspects, out, retrying, oldestDueAt: waits.oldest() };
}

/** Sub-queues that a look for servers passes at most. */
const MOST_LOOKS = 2_000;

/**
 * The workers that serve the queue: they may run tasks that it has or has had lately, and are given work. So the number stands
 * still while tasks come and go. And the types of its pending tasks that nobody runs. The function looks at so many sub-queues at
 * most, so of a queue with very many tenants some may be left out.
 */
export function serversOf(state: State, name: string): { workers: number; unserved: string[] } {
  const queue = state.queues.get(name);
  if (queue === undefined) return { workers: 0, unserved: [] };
  const classes = new Set<WorkClass>();
  const waiting = new Set<WorkClass>();
  let looks = 0;
  for (const sub of queue.subs()) {
    classes.add(sub.workClass);
    if (sub.pending > 0) waiting.add(sub.workClass);
    if (++looks >= MOST_LOOKS) break;
  }
  const routes = new Set([...classes].map(({ route }) => route));
  const serving = new Set<WorkerState>();
  for (const route of routes) for (const worker of route.members()) if (worker.isUsable) serving.add(worker);
  const unserved = new Set(
    [...waiting].filter(({ pin, route }) => pin === null && !route.isUsable).map(({ type }) => type),
  );
  return { workers: serving.size, unserved: [...unserved].sort() };
}

/**
 * Types with pending tasks that no worker may run (one that drains does not count), sorted. `leftOut` counts a type again
 * for each set of features that its tasks need.
 */
export function unservedTypes(state: State, most: number): { shown: string[]; leftOut: number } {
  const { shown, leftOut } = state.classes.unserved.first(most);
  return { shown: [...new Set(shown.map(({ type }) => type))], leftOut };
}

/** The first `most` types with pending tasks that no worker may run, and how many tasks; at least, of very many tenants. */
export function countUnserved(state: State, most: number): { type: string; pending: number }[] {
  const counts = new Map<string, number>();
  for (const { type, subs } of state.classes.unserved.first(most).shown) {
    let looks = 0;
    let pending = 0;
    for (const sub of subs) {
      pending += sub.pending;
      if (++looks >= MOST_LOOKS) break;
    }
    counts.set(type, (counts.get(type) ?? 0) + pending);
  }
  return [...counts].map(([type, pending]) => ({ type, pending }));
}
