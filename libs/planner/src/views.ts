import type { Range, TaskState } from '@drover/core';
import type { QueueState } from './classes.js';
import type { State } from './state.js';
import { PLACE, stateOfPlace, type BatchState } from './tasks.js';

/** `ended`: succeeded or cancelled, in a batch that a version finished which did not write down which was which. */
export type SeenState = Exclude<TaskState, 'assigned'> | 'ended';

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
  return batch.blurred && (state === 'succeeded' || state === 'cancelled') ? 'ended' : state;
}

const isIn = (ranges: readonly Range[], index: number): boolean =>
  ranges.some(([from, to]) => from <= index && index < to);

export interface QueueView {
  paused: boolean;
  pending: number;
  running: number;
}

/** The busiest first. */
export function viewQueues(state: State, most: number): { shown: Record<string, QueueView>; leftOut: number } {
  const busiest = firstOf(state.queues.values(), most, (a, b) => weightOf(b) - weightOf(a) || compare(a.name, b.name));
  const shown: Record<string, QueueView> = {};
  for (const { name, settings, pending, suspects, running } of busiest)
    shown[name] = { paused: settings.paused, pending: pending + suspects, running };
  return { shown, leftOut: state.queues.size - busiest.length };
}

const weightOf = ({ pending, suspects, running }: QueueState): number => pending + suspects + running;

/** Types with pending tasks that no worker offers (one that drains does not count), sorted. */
export function unservedTypes(state: State, most: number): { shown: string[]; leftOut: number } {
  const types: string[] = [];
  for (const route of state.workers.routes())
    if (!route.isUsable) for (const { type, hasPending } of route.classes) if (hasPending) types.push(type);
  const shown = firstOf(types, most, compare);
  return { shown, leftOut: types.length - shown.length };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The first `most` of what `items` would be if they were sorted: there may be very many of them. */
export function firstOf<Item>(items: Iterable<Item>, most: number, order: (a: Item, b: Item) => number): Item[] {
  const first: Item[] = [];
  for (const item of items) {
    const last = first.at(-1);
    if (first.length >= most && (last === undefined || order(item, last) >= 0)) continue;
    let low = 0;
    let high = first.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(item, first[middle] as Item) < 0) high = middle;
      else low = middle + 1;
    }
    first.splice(low, 0, item);
    if (first.length > most) first.pop();
  }
  return first;
}
