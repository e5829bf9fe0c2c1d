import type { QueueState } from './queue-state.js';
import { Looks } from './slices.js';
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

/**
 * Counters tell it; but for the places of workers, and of a type, things are looked at one after the other. Yields after every few looks.
 */
export function* scalingSteps(state: State, { queue: name, type }: ScalingRequest): Generator<void, ScalingView> {
  const looks = new Looks();
  const queue = name === null ? null : state.queues.get(name);
  if (queue === undefined) {
    const capacity = yield* capacitySteps(state, { types: type === null ? null : [type], type }, looks);
    return { pending: 0, out: 0, oldestDueAt: null, capacity };
  }
  const types = type !== null ? [type] : queue === null ? null : yield* typeSteps(queue, looks);
  const capacity = yield* capacitySteps(state, { types, type }, looks);
  if (type !== null) return { ...(yield* typeOnlySteps(state, { queue, type }, looks)), capacity };
  if (queue !== null) {
    const { pending, suspects, out, waits } = queue;
    return { pending: pending + suspects, out, oldestDueAt: waits.oldest(), capacity };
  }
  const { pending, out } = state.tally;
  return { pending, out, oldestDueAt: state.waits.oldest(), capacity };
}

function* typeOnlySteps(
  state: State,
  { queue, type }: { queue: QueueState | null; type: string },
  looks: Looks,
): Generator<void, Omit<ScalingView, 'capacity'>> {
  const isMeant = (sub: SubQueue): boolean => sub.workClass.type === type && (queue === null || sub.queue === queue);
  let pending = 0;
  let since = Infinity;
  for (const workClass of state.classes.all())
    for (const sub of workClass.type === type ? workClass.subs : []) {
      if (looks.more()) yield;
      if (!isMeant(sub)) continue;
      pending += sub.pending;
      // The next one in line is the oldest, but for one that came back: it is no older than the oldest of the queue.
      if (sub.pending > 0) since = Math.min(since, Math.max(sub.since, sub.queue.waits.oldest() ?? 0));
    }
  let out = 0;
  for (const { sub, open } of state.assignments.all()) {
    if (looks.more()) yield;
    if (isMeant(sub)) out += open;
  }
  return { pending, out, oldestDueAt: Number.isFinite(since) ? since : null };
}

/** `types` null: workers of any. */
function* capacitySteps(
  state: State,
  { types, type }: { types: readonly string[] | null; type: string | null },
  looks: Looks,
): Generator<void, number> {
  let capacity = 0;
  for (const worker of state.workers.all()) {
    if (looks.more()) yield;
    if (worker.isUsable && (types === null || types.some((each) => worker.offers(each))))
      capacity += placesOf(worker, type);
  }
  return capacity;
}

function* typeSteps(queue: QueueState, looks: Looks): Generator<void, string[]> {
  const types = new Set<string>();
  for (const { workClass } of queue.subs()) {
    if (looks.more()) yield;
    types.add(workClass.type);
  }
  return [...types];
}

const placesOf = ({ capacity, concurrency }: WorkerState, type: string | null): number =>
  type === null ? capacity : Math.min(capacity, concurrency?.[type] ?? capacity);
