import type { QueueState } from './queue-state.js';
import type { State } from './state.js';
import type { SubQueue } from './sub-queue.js';
import type { WorkerState } from './worker-state.js';

/** The tasks of a queue, of a type, or of both; null: of all. */
export interface ScalingRequest {
  readonly queue: string | null;
  readonly type: string | null;
}

/** The numbers that an autoscaler goes by. Times are milliseconds since 1970. */
export interface ScalingView {
  readonly pending: number;
  readonly out: number;
  /** Since when the task has waited that has waited longest; null: none waits. */
  readonly oldestDueAt: number | null;
  /** Places of the workers that may be given such tasks. */
  readonly capacity: number;
}

/** Counters tell it, but for a type: then its sub-queues and the assignments are looked at. */
export function viewScaling(state: State, { queue: name, type }: ScalingRequest): ScalingView {
  const queue = name === null ? null : state.queues.get(name);
  if (queue === undefined) return { pending: 0, out: 0, oldestDueAt: null, capacity: capacityFor(state, null, type) };
  const capacity = capacityFor(state, queue, type);
  if (type !== null) return { ...ofType(state, queue, type), capacity };
  if (queue !== null) {
    const { pending, suspects, out, waits } = queue;
    return { pending: pending + suspects, out, oldestDueAt: waits.oldest(), capacity };
  }
  const { pending, out } = state.tally;
  return { pending, out, oldestDueAt: state.waits.oldest(), capacity };
}

function ofType(state: State, queue: QueueState | null, type: string): Omit<ScalingView, 'capacity'> {
  const isMeant = (sub: SubQueue): boolean => sub.workClass.type === type && (queue === null || sub.queue === queue);
  let pending = 0;
  let since = Infinity;
  for (const workClass of state.classes.all())
    for (const sub of workClass.type === type ? workClass.subs : [])
      if (isMeant(sub)) {
        pending += sub.pending;
        // The next one in line is the oldest, but for one that came back: it is no older than the oldest of the queue.
        if (sub.pending > 0) since = Math.min(since, Math.max(sub.since, sub.queue.waits.oldest() ?? 0));
      }
  let out = 0;
  for (const { sub, open } of state.assignments.all()) if (isMeant(sub)) out += open;
  return { pending, out, oldestDueAt: Number.isFinite(since) ? since : null };
}

function capacityFor(state: State, queue: QueueState | null, type: string | null): number {
  const types = type !== null ? [type] : queue === null ? null : typesOf(queue);
  let capacity = 0;
  for (const worker of state.workers.all())
    if (worker.isUsable && (types === null || types.some((each) => worker.offers(each))))
      capacity += placesOf(worker, type);
  return capacity;
}

const typesOf = (queue: QueueState): string[] => [...new Set([...queue.subs()].map(({ workClass }) => workClass.type))];

const placesOf = ({ capacity, concurrency }: WorkerState, type: string | null): number =>
  type === null ? capacity : Math.min(capacity, concurrency?.[type] ?? capacity);
