import type { TaskId } from '@drover/core';
import type { Other, Waiter } from './dependencies.js';
import { runDue } from './batches.js';
import { recordEach, type RecordedEnd } from './ledger.js';
import { MAX_WAITERS } from './settings.js';
import type { Planning, State } from './state.js';
import { PLACE } from './tasks.js';
import { stateAt, type SeenState } from './views.js';

/**
 * Lets go out what waits for no other task any more, and ends what can never run. Not before all batches are known: until
 * then a task that is not there may be one that was not read yet. A task that ends here may be waited for itself. Of very many
 * waiters a part: the next plan goes on.
 */
export function decideDependencies({ state, now }: Planning): void {
  const { dirty } = state.dependencies;
  let left = MAX_WAITERS;
  for (const waiter of dirty) {
    if (left-- === 0) break;
    dirty.delete(waiter);
    decide(state, waiter, now);
  }
  replanIfDirty(state, now);
}

/** Something was ended after the waiters were looked at. */
export function replanIfDirty(state: State, now: number): void {
  if (state.dependencies.dirty.size > 0) state.wake(now);
}

function decide(state: State, waiter: Waiter, now: number): void {
  const { missing, bad, left } = lookAt(state, waiter);
  waiter.left = left;
  if (missing !== null) end(state, waiter, { outcome: 'refused', missing }, undefined, now);
  else if (bad !== null) end(state, waiter, { outcome: 'cancelled' }, whyNot(bad), now);
  else if (left === 0) release(state, waiter, now);
}

/** The others of a waiter, as they are now. */
export interface Look {
  /** The others that have not ended as they should, and could yet. */
  readonly left: number;
  /** The first of them. */
  readonly next: TaskId | null;
  /** The first one that is not there. */
  readonly missing: TaskId | null;
  /** The first one that has ended otherwise. */
  readonly bad: { readonly id: TaskId; readonly state: SeenState } | null;
}

export function lookAt(state: State, waiter: Waiter): Look {
  let left = 0;
  let next: TaskId | null = null;
  let missing: TaskId | null = null;
  let bad: Look['bad'] = null;
  for (const other of waiter.others) {
    const { id } = other;
    const found = stateOf(state, waiter, other);
    if (found === null) missing ??= id;
    else if (!IS_END.has(found)) {
      left++;
      next ??= id;
    } else if (found !== 'succeeded' && waiter.mode === 'succeeded') bad ??= { id, state: found };
  }
  return { left, next, missing, bad };
}

/** `ended`: well, or as cancelled; an earlier version has finished the batch, and did not write down which. */
const IS_END: ReadonlySet<SeenState> = new Set<SeenState>(['succeeded', 'failed', 'cancelled', 'ended']);

/** Null: there is no such task that was submitted before. */
function stateOf({ batches, dependencies }: State, { run }: Waiter, { batch: id, index }: Other): SeenState | null {
  const batch = batches.get(id);
  if (batch === undefined) return dependencies.unread.has(id) ? 'pending' : null;
  if (!batch.hasTask(index)) return null;
  // Somebody who makes up ids could let tasks wait for each other, also by a sequence: so each must wait for what is
  // older than itself, unless that waits for nobody.
  if (batch === run.batch && index >= run.from) return null;
  const order = batch.waitsFrom ?? batch.sequenced;
  if (batch !== run.batch && order !== null && order > (run.batch.waitsFrom ?? 0n)) return null;
  return stateAt(batch, index);
}

function whyNot({ id, state }: { id: TaskId; state: SeenState }): string {
  if (state === 'failed') return `dependency ${id} failed`;
  return state === 'cancelled' ? `dependency ${id} was cancelled` : `dependency ${id} succeeded or was cancelled`;
}

/** Those that were retried by hand, or had begun under an earlier leader, wait no longer. */
function end(
  state: State,
  waiter: Waiter,
  how: Omit<RecordedEnd, 'index'>,
  reason: string | undefined,
  now: number,
): void {
  waiter.isOver = true;
  const { batch, from, to } = waiter.run;
  const ends: RecordedEnd[] = [];
  for (let index = from; index < to; index++) if (batch.place(index) === PLACE.fresh) ends.push({ ...how, index });
  recordEach(state, batch, ends, now, reason);
}

/** They go out when their delay is over, too. */
function release(state: State, waiter: Waiter, now: number): void {
  waiter.isOver = true;
  const { run } = waiter;
  const dueAt = run.batch.firstDueAt(run.from);
  if (dueAt <= now) runDue(state, run, now);
  else state.due.add(dueAt, { kind: 'run', run });
}
