import type { State } from './state.js';
import type { SubQueue } from './sub-queue.js';
import { PLACE, type BatchState } from './tasks.js';

/** The place of a task among those of its queue, its tenant and its type: those of a higher priority go first. */
export interface Line {
  /** Tasks that wait before it. */
  readonly ahead: number;
  /** False: so many were counted, and then the counting was given up; there are more. */
  readonly exact: boolean;
  /** Tasks that the workers end in a second while they run nothing else; null: no worker has shown how fast it is. */
  readonly perSecond: number | null;
  /** Milliseconds until its turn, if the workers run nothing else; null as `perSecond`. */
  readonly etaMs: number | null;
}

/** Tasks that are looked at before the counting is given up: about two milliseconds. */
const MOST_LOOKED_AT = 200_000;

/** Null: it waits in no line, it is not due or under suspicion. `workers`: how many may run it. */
export function lineOf(state: State, batch: BatchState, index: number, workers: number): Line | null {
  const place = batch.place(index);
  const run = batch.runAt(index);
  if (place !== PLACE.again && !(place === PLACE.fresh && run.due)) return null;
  const { workClass } = run.sub;
  const before = run.sub.countBefore(batch, index, MOST_LOOKED_AT);
  const { exact } = before;
  const ahead = before.ahead + higherOf(run.sub);
  const ms = state.speeds.msPerTask(workClass.type);
  if (ms === null || workers === 0) return { ahead, exact, perSecond: null, etaMs: null };
  return { ahead, exact, perSecond: (workers * 1_000) / ms, etaMs: Math.round((ahead * ms) / workers) };
}

/** Pending tasks of the same class and tenant that have a higher priority. */
function higherOf({ level, workClass }: SubQueue): number {
  let tasks = 0;
  for (const other of level.tenant.levels)
    if (other.priority > level.priority) tasks += other.subs.get(workClass)?.ready ?? 0;
  return tasks;
}
