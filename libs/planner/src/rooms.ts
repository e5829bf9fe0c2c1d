import type { WorkClass } from './classes.js';
import { PlacedRoute } from './placement/placed-route.js';
import type { State } from './state.js';
import type { WorkerState } from './worker-state.js';

/** The room of a worker is kept for one class. Nothing of it is written down: the next leader decides anew. */
export interface Keep {
  readonly worker: WorkerState;
  readonly workClass: WorkClass;
  /** Tasks of the class for which it is kept: so many go there, then it is kept no longer. */
  times: number;
  /** When the worker is expected to be free for it; null: nobody can tell. */
  readonly from: number | null;
  readonly until: number;
  readonly why: 'reservation' | 'preemption';
}

/**
 * Workers whose room is kept for somebody: until its tasks have gone there, nobody waits for it any more, or the time is over.
 * Meanwhile the worker is in no tree, so nobody else takes what becomes free, however little it needs.
 */
export class Rooms {
  readonly #byWorker = new Map<WorkerState, Keep>();
  readonly #byClass = new Map<WorkClass, Set<Keep>>();

  get size(): number {
    return this.#byWorker.size;
  }

  all(): Iterable<Keep> {
    return this.#byWorker.values();
  }

  keptFor(worker: WorkerState): Keep | null {
    return this.#byWorker.get(worker) ?? null;
  }

  of(workClass: WorkClass): Iterable<Keep> {
    return this.#byClass.get(workClass) ?? NONE;
  }

  /** Of a worker that is kept for nobody. */
  keep({ placement, workers }: State, keep: Keep): void {
    this.#byWorker.set(keep.worker, keep);
    const ofClass = this.#byClass.get(keep.workClass);
    if (ofClass === undefined) this.#byClass.set(keep.workClass, new Set([keep]));
    else ofClass.add(keep);
    placement.keep(keep.worker, true);
    // Nor does it take tasks that claim nothing.
    workers.touch(keep.worker);
  }

  release({ placement, workers }: State, worker: WorkerState): void {
    const keep = this.#byWorker.get(worker);
    if (keep === undefined) return;
    this.#byWorker.delete(worker);
    const ofClass = this.#byClass.get(keep.workClass);
    if (ofClass?.delete(keep) === true && ofClass.size === 0) this.#byClass.delete(keep.workClass);
    placement.keep(worker, false);
    workers.touch(worker);
  }

  /** So many tasks of the class went to the worker. */
  used(state: State, worker: WorkerState, tasks: number): void {
    const keep = this.#byWorker.get(worker);
    if (keep === undefined) return;
    keep.times -= tasks;
    if (keep.times <= 0) this.release(state, worker);
  }
}

const NONE: readonly Keep[] = [];

/** A plan begins: what is kept for nobody any more is everybody's, and whoever it is kept for has its turn when it fits. */
export function lookAtRooms(state: State, now: number): void {
  const { rooms, placement } = state;
  if (rooms.size === 0) return;
  for (const { worker, workClass, until } of [...rooms.all()]) {
    const { route } = workClass;
    const isUsable = worker.isUsable && !worker.reserved && !worker.pressed && worker.placed !== null;
    const isOver = until <= now || !isUsable || !workClass.hasPending;
    if (isOver || !(route instanceof PlacedRoute)) rooms.release(state, worker);
    else {
      state.wake(until);
      if (route.isParked && route.timesKept(worker) > 0) placement.wake(route);
    }
  }
}
