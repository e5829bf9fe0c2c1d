import { toRanges } from '@drover/core';
import type { BatchState } from './batch-state.js';
import { conclude, isOver } from './ledger.js';
import { enterQueue } from './membership.js';
import type { TaskName, TaskReply } from './model.js';
import type { State } from './state.js';
import { TASK } from './task-table.js';
import { stateAt, type SeenState } from './views.js';

/** Writes the cancel of tasks that are not out, and counts it. `indexes` ascending. */
export function cancelWaiting(state: State, batch: BatchState, indexes: readonly number[], now: number): void {
  recordEnds(state, batch, indexes, 'cancelled', now);
}

/** Ends of tasks that no worker has: one record for all with the same last attempt. */
function recordEnds(
  state: State,
  batch: BatchState,
  indexes: readonly number[],
  outcome: 'cancelled' | 'requeued',
  now: number,
): void {
  const byAttempt = new Map<number, number[]>();
  for (const index of indexes) {
    const attempt = batch.touch().progress(index).attempt;
    byAttempt.set(attempt, [...(byAttempt.get(attempt) ?? []), index]);
  }
  for (const [attempt, alike] of byAttempt) {
    const ends = toRanges(alike).map(([from, to]) => ({ from, to, outcome }));
    state.outbox.push({ kind: 'record', batch: batch.id, n: state.nextN(), attempt, ends, worker: null });
    for (const index of alike) conclude(state, batch, index, { outcome, attempt }, now);
  }
}

/** Those that wait are cancelled now; of those that are out the workers are asked, and have `graceMs` to obey. */
export function cancelTasks(state: State, tasks: readonly TaskName[], now: number): TaskReply[] {
  const waiting = new Map<BatchState, Set<number>>();
  const replies = tasks.map(({ batch: id, index }): TaskReply => {
    const batch = state.batches.get(id);
    if (!batch?.has(index)) return UNKNOWN;
    if (batch.finished !== null || isOver(batch, index)) return finished(stateAt(batch, index));
    if (batch.code(index) === TASK.out) return cancelOut(state, batch, index, now);
    addTo(waiting, batch, index);
    return { ok: true, state: 'cancelled' };
  });
  for (const [batch, indexes] of waiting) cancelWaiting(state, batch, ascending(indexes), now);
  return replies;
}

const finished = (state: SeenState): TaskReply => ({ ok: false, state, message: `already finished (${named(state)})` });

const named = (state: SeenState): string => (state === 'ended' ? 'succeeded or cancelled' : state);

const UNKNOWN: TaskReply = Object.freeze({ ok: false, state: 'unknown', message: 'there is no such task' });

function cancelOut(state: State, batch: BatchState, index: number, now: number): TaskReply {
  const assignment = state.assignments.bySeq(batch.touch().holder(index));
  if (assignment !== undefined && !assignment.cancelled.has(index)) {
    assignment.cancelled.add(index);
    if (assignment.revoking === null && !assignment.gone) state.notices.add(assignment);
    state.due.add(now + state.settings.graceMs, { kind: 'grace', assignment: assignment.seq });
  }
  return { ok: true, state: 'running', message: 'its worker is asked to abort it' };
}

/**
 * Failed tasks run again, with all their attempts before them; also those of finished batches. Those that have a key are
 * refused: their key must be taken first (`claims.ts`).
 */
export function retryTasks(state: State, tasks: readonly TaskName[], now: number): TaskReply[] {
  const failed = new Map<BatchState, Set<number>>();
  const replies = tasks.map(({ batch: id, index }): TaskReply => {
    const batch = state.batches.get(id);
    if (!batch?.has(index)) return UNKNOWN;
    const found = stateAt(batch, index);
    if (found !== 'failed') return { ok: false, state: found, message: `it has not failed (${named(found)})` };
    if (batch.groupAt(index).key !== null) return { ok: false, state: found, message: 'its key must be taken first' };
    addTo(failed, batch, index);
    return { ok: true, state: 'pending' };
  });
  for (const [batch, indexes] of failed) {
    if (batch.finished !== null) {
      state.outbox.push({ kind: 'reopen', batch: batch.id });
      reopen(state, batch);
    }
    recordEnds(state, batch, ascending(indexes), 'requeued', now);
    state.complete.delete(batch);
  }
  return replies;
}

/** The batch has unfinished tasks again. The table of its tasks is made anew; which of the others were cancelled is lost. */
export function reopen(state: State, batch: BatchState): void {
  const { finished } = batch;
  if (finished === null) return;
  state.retention.release(batch);
  batch.finished = null;
  enterQueue(state, batch, true);
  state.unfinishedBytes += batch.bytes;
  batch.blurred = batch.succeeded > 0 && batch.cancelled > 0;
  const table = batch.touch();
  let cancelled = batch.cancelled;
  const attempts = new Map(finished.failed.map((index, at) => [index, finished.attempts[at] ?? 1]));
  for (let index = 0; index < batch.count; index++) {
    const attempt = attempts.get(index);
    if (attempt === undefined) table.setCode(index, cancelled-- > 0 ? TASK.cancelled : TASK.succeeded);
    else {
      table.setCode(index, TASK.failed);
      table.setProgress(index, { attempt, failures: 0, losses: 0 });
    }
  }
}

function addTo(map: Map<BatchState, Set<number>>, batch: BatchState, index: number): void {
  const indexes = map.get(batch);
  if (indexes === undefined) map.set(batch, new Set([index]));
  else indexes.add(index);
}

const ascending = (indexes: Iterable<number>): number[] => [...indexes].sort((a, b) => a - b);
