import { isLeaderDecided, taskId, type TaskId } from '@drover/core';
import { askToEnd, revokeLater } from './assignments.js';
import { keepFinished } from './held.js';
import { reopenBatch } from './batches.js';
import { whyErased } from './erased.js';
import { conclude, recordEnds } from './ledger.js';
import type { TaskName, TaskReply } from './model.js';
import { blocks } from './sequences.js';
import type { State } from './state.js';
import { PLACE, type BatchState } from './tasks.js';
import { stateAt, type SeenState } from './views.js';

/** Those that wait are cancelled now; of those that are out the workers are asked, and have `graceMs` to obey. */
export function cancelTasks(state: State, tasks: readonly TaskName[], now: number): TaskReply[] {
  const waiting = new Map<BatchState, Set<number>>();
  const replies = tasks.map(({ batch: id, index }): TaskReply => {
    const batch = state.batches.get(id);
    if (!batch?.hasTask(index)) return NO_TASK;
    if (batch.finished === null && batch.place(index) === PLACE.failed && blocks(batch, index)) {
      if (batch.claims > 0) return { ok: false, state: 'failed', message: 'it is being retried; cancel it again' };
      giveUp(state, batch, index, now);
      return { ok: true, state: 'cancelled', message: 'it had failed: its sequence goes on without it' };
    }
    if (batch.finished !== null || batch.isOver(index)) return finished(stateAt(batch, index));
    if (batch.place(index) === PLACE.out) return cancelOut(state, batch, index, now);
    addTo(waiting, batch, index);
    return { ok: true, state: 'cancelled' };
  });
  for (const [batch, indexes] of waiting) recordEnds(state, batch, ascending(indexes), 'cancelled', now);
  return replies;
}

/** A failed task that blocks its sequence. No failed task is cancelled: it is to run again, and then is not. */
function giveUp(state: State, batch: BatchState, index: number, now: number): void {
  recordEnds(state, batch, [index], 'requeued', now);
  recordEnds(state, batch, [index], 'cancelled', now);
}

const finished = (state: SeenState): TaskReply => ({ ok: false, state, message: `already finished (${named(state)})` });

const named = (state: SeenState): string => (state === 'ended' ? 'succeeded or cancelled' : state);

/** Their flow goes by how they have ended. */
export const STEP_OF_FLOW = 'it is a step of a flow, which decides what becomes of it: use `drover flow retry`';

export const NO_TASK: TaskReply = Object.freeze({ ok: false, state: 'unknown', message: 'no such task' });

function cancelOut(state: State, batch: BatchState, index: number, now: number): TaskReply {
  const assignment = state.assignments.bySeq(batch.touch().holder(index));
  if (assignment !== undefined) askToEnd(state, assignment, index, 'cancelled', now);
  return { ok: true, state: 'assigned', message: 'asked its worker to abort it' };
}

/**
 * Those that are out are taken from their workers at once, with what else is out with them; those that wait are
 * cancelled.
 */
export function terminateTasks(state: State, tasks: readonly TaskName[], now: number): TaskReply[] {
  const replies = cancelTasks(state, tasks, now);
  for (const { batch: id, index } of tasks) {
    const batch = state.batches.get(id);
    if (batch?.has(index) !== true || batch.finished !== null || batch.place(index) !== PLACE.out) continue;
    const assignment = state.assignments.bySeq(batch.touch().holder(index));
    if (assignment !== undefined) revokeLater(state, assignment, 'terminated');
  }
  return replies;
}

/**
 * Failed tasks run again, with all their attempts before them; also those of finished batches. Those that have a key
 * are refused: their key must be taken first. Those that are steps are their flow's.
 */
export function retryTasks(state: State, tasks: readonly TaskName[], now: number): TaskReply[] {
  const failed = new Map<BatchState, Set<number>>();
  const retried = new Map<string, TaskId>();
  const replies = tasks.map(({ batch: id, index }): TaskReply => {
    const batch = state.batches.get(id);
    if (!batch?.hasTask(index)) return NO_TASK;
    const found = stateAt(batch, index);
    if (found !== 'failed')
      return { ok: false, state: found, message: `only failed tasks can be retried; it is ${named(found)}` };
    if (batch.isStep) return { ok: false, state: found, message: STEP_OF_FLOW };
    const erased = whyErased(batch, index);
    if (erased !== null) return { ok: false, state: found, message: erased };
    if (batch.groupAt(index).key !== null) return { ok: false, state: found, message: 'its key must be taken first' };
    const holder = whoHasKey(state, batch, index, retried);
    if (holder !== null) return { ok: false, state: found, message: hasItsKey(holder) };
    addTo(failed, batch, index);
    return { ok: true, state: 'pending' };
  });
  for (const [batch, indexes] of failed) {
    if (batch.finished !== null) {
      state.outbox.push({ kind: 'reopen', batch: batch.id });
      reopen(state, batch);
    }
    recordEnds(state, batch, ascending(indexes), 'requeued', now);
    if (batch.pinned !== null) state.pins.toCheck.add(batch);
    state.complete.delete(batch);
  }
  return replies;
}

/**
 * The unfinished task of the same unique key, among those that are being retried too; null: none, or it has no such
 * key.
 */
function whoHasKey(state: State, batch: BatchState, index: number, retried: Map<string, TaskId>): TaskId | null {
  const { unique } = batch.groupAt(index);
  if (!isLeaderDecided(unique)) return null;
  const name = `${batch.queueName} ${unique.key}`;
  const holder = state.keys.of(batch, index)?.tasks.at(-1)?.id ?? retried.get(name) ?? null;
  if (holder === null) retried.set(name, taskId(batch.id, index));
  return holder;
}

const hasItsKey = (holder: TaskId): string =>
  `task ${holder} has its key and is unfinished; retry when that task has finished`;

function reopen(state: State, batch: BatchState): void {
  if (batch.finished !== null) state.retention.release(batch);
  reopenBatch(state, batch);
}

function addTo(map: Map<BatchState, Set<number>>, batch: BatchState, index: number): void {
  const indexes = map.get(batch);
  if (indexes === undefined) map.set(batch, new Set([index]));
  else indexes.add(index);
}

const ascending = (indexes: Iterable<number>): number[] => [...indexes].sort((a, b) => a - b);

/**
 * A failed task that had a key and is to run again. Its key was free since it failed, so somebody else may have it by
 * now, and only ZooKeeper can tell: one transaction takes the key, takes the mark of a finished batch away and records
 * `requeued` with this `n` and `attempt`. Until it is answered the task is `failed`, and its batch is neither finished
 * nor removed.
 */
export interface Claim extends TaskName {
  readonly queue: string;
  readonly key: string;
  readonly n: number;
  /** The task's last. */
  readonly attempt: number;
  /** When it was asked for: the task's time begins anew then, so not later than the next leader reads in the record. */
  readonly at: number;
}

/** Null: this is no failed task with a key. */
export function claimKey(state: State, { batch: id, index }: TaskName, now: number): Claim | null {
  const batch = state.batches.get(id);
  if (!batch?.hasTask(index) || stateAt(batch, index) !== 'failed' || whyErased(batch, index) !== null) return null;
  const { key } = batch.groupAt(index);
  if (key === null) return null;
  batch.claims++;
  state.retention.release(batch);
  const attempt = lastAttempt(batch, index);
  return { batch: id, index, queue: batch.queueName, key, n: state.nextN(), attempt, at: now };
}

/** The outcome of the transaction. False: the batch is gone meanwhile, nobody needs the key. */
export function settleClaim(state: State, { batch: id, index, attempt, at }: Claim, taken: boolean): boolean {
  const batch = state.batches.get(id);
  if (batch === undefined) return false;
  batch.claims--;
  if (taken) {
    reopen(state, batch);
    conclude(state, batch, index, { outcome: 'requeued', attempt }, at);
    state.complete.delete(batch);
  } else if (batch.claims === 0) {
    if (batch.finished !== null) keepFinished(state, batch, batch.finished.at);
    else if (batch.ended) state.complete.add(batch);
  }
  return true;
}

function lastAttempt(batch: BatchState, index: number): number {
  const { finished } = batch;
  if (finished === null) return batch.touch().progress(index).attempt;
  return finished.attempts[finished.failed.indexOf(index)] ?? 1;
}
