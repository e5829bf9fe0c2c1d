import { afterAttempt, taskId, type AttemptEnd, type Range } from '@drover/core';
import type { Assignment } from './assignments.js';
import type { BatchState } from './batch-state.js';
import { leaveQueue } from './membership.js';
import type { State } from './state.js';
import { ALONE_AT, lossesOf, type Death } from './suspects.js';
import { isFinalCode, TASK, type TaskCode } from './task-table.js';

/**
 * Every move of a task from one code to another, with all counters that speak of it. Nothing else changes a code, so the
 * counts are always those of the codes.
 */

/** Takes the task out of where it is. Its code must be set right after. */
function leave(state: State, batch: BatchState, index: number): void {
  const { queue } = batch;
  switch (batch.code(index)) {
    case TASK.waiting: {
      const run = batch.runAt(index);
      run.waiting--;
      if (!run.due) state.tally.scheduled--;
      else unpend(state, batch, index, 1);
      return;
    }
    case TASK.again:
      unpend(state, batch, index, 1);
      return;
    case TASK.retrying:
      state.tally.retrying--;
      return;
    case TASK.suspect:
      state.tally.pending--;
      queue.suspects--;
      return;
    case TASK.out: {
      queue.running--;
      state.tally.running--;
      const table = batch.touch();
      const assignment = state.assignments.bySeq(table.holder(index));
      table.setHolder(index, 0);
      if (assignment === undefined) return;
      assignment.open--;
      assignment.worker.took(assignment.type, 1);
      return;
    }
    case TASK.succeeded:
      state.tally.succeeded--;
      batch.succeeded--;
      return;
    case TASK.failed:
      state.tally.failed--;
      batch.failed--;
      return;
    case TASK.cancelled:
      state.tally.cancelled--;
      batch.cancelled--;
      return;
  }
}

function unpend(state: State, batch: BatchState, index: number, tasks: number): void {
  const { lane } = batch.runAt(index);
  batch.queue.pending -= tasks;
  state.tally.pending -= tasks;
  lane.pending -= tasks;
  if (lane.pending === 0) {
    lane.clear();
    batch.queue.busy.delete(lane);
  }
  if (batch.queue.pending === 0) state.busy.delete(batch.queue);
}

/** The task is over. */
function close(state: State, batch: BatchState, index: number, code: TaskCode): void {
  leave(state, batch, index);
  if (state.suspects.size > 0) state.suspects.clear(batch, index);
  batch.touch().setCode(index, code);
  switch (code) {
    case TASK.succeeded:
      state.tally.succeeded++;
      batch.succeeded++;
      break;
    case TASK.failed:
      state.tally.failed++;
      batch.failed++;
      break;
    default:
      state.tally.cancelled++;
      batch.cancelled++;
  }
  if (batch.keyed && state.rebuild === null) releaseKey(state, batch, index);
  if (batch.ended) state.complete.add(batch);
}

/** The task has ended: its key is free. During a rebuild this waits for the end of it, a requeue may be told yet. */
export function releaseKey(state: State, batch: BatchState, index: number): void {
  const { key } = batch.groupAt(index);
  if (key !== null) state.outbox.push({ kind: 'release-key', queue: batch.queueName, key, batch: batch.id, index });
}

/** What the end of an attempt leads to, by the one rule. `at`: when it ended. `death`: its worker died with it. */
export function conclude(
  state: State,
  batch: BatchState,
  index: number,
  end: AttemptEnd,
  at: number,
  death: Death | null = null,
): void {
  if (end.outcome === 'succeeded') {
    close(state, batch, index, TASK.succeeded);
    return;
  }
  const table = batch.touch();
  const verdict = afterAttempt(table.progress(index), end, batch.groupAt(index), taskId(batch.id, index));
  table.setProgress(index, verdict.progress);
  switch (verdict.state) {
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      close(state, batch, index, TASK[verdict.state]);
      return;
    case 'pending':
      if (isSuspect(state, batch, index, end, death)) waitAsSuspect(state, batch, index);
      else waitAgain(state, batch, index);
      return;
    case 'retrying':
      leave(state, batch, index);
      if (state.suspects.size > 0) state.suspects.clear(batch, index);
      table.setCode(index, TASK.retrying);
      state.tally.retrying++;
      state.due.add(at + verdict.delayMs, { kind: 'retry', batch, index, attempt: verdict.progress.attempt });
      return;
  }
}

/** One that was handed back has shown nothing: it stays what it was. */
function isSuspect(
  state: State,
  batch: BatchState,
  index: number,
  { outcome }: AttemptEnd,
  death: Death | null,
): boolean {
  const { suspects } = state;
  if (outcome === 'lost' && death !== null && (!death.many || lossesOf(batch, index) >= ALONE_AT)) {
    suspects.suspect(death, batch, index);
    return true;
  }
  if (suspects.size === 0) return false;
  if (outcome !== 'returned') suspects.clear(batch, index);
  return suspects.of(batch, index) !== null;
}

function waitAsSuspect(state: State, batch: BatchState, index: number): void {
  leave(state, batch, index);
  batch.touch().setCode(index, TASK.suspect);
  state.tally.pending++;
  batch.queue.suspects++;
  const death = state.suspects.of(batch, index);
  if (death !== null) state.suspects.wait(death, batch, index);
}

function waitAgain(state: State, batch: BatchState, index: number): void {
  leave(state, batch, index);
  batch.touch().setCode(index, TASK.again);
  pend(state, batch, index, 1);
  batch.runAt(index).lane.pushAgain({ batch, from: index, to: index + 1 });
}

/** Many died with its worker: the death was not for a task. Who was lost before stays a suspect. */
export function absolve(state: State, death: Death): void {
  const waiting = death.waiting.toArray();
  death.waiting.clear();
  for (const suspect of waiting) {
    const { batch, index } = suspect;
    if (!state.suspects.isWaiting(suspect) || state.suspects.of(batch, index) !== death) continue;
    state.suspects.clear(batch, index);
    waitAgain(state, batch, index);
  }
}

/** So many tasks of the lane of `index` are due and wait for a worker. */
export function pend(state: State, batch: BatchState, index: number, tasks: number): void {
  const { lane } = batch.runAt(index);
  const { queue } = batch;
  if (queue.pending === 0) state.turnsOf(queue.settings.priority).join(queue.share);
  if (lane.pending === 0) queue.turns.join(lane.share);
  state.busy.add(queue);
  queue.busy.add(lane);
  lane.pending += tasks;
  queue.pending += tasks;
  state.tally.pending += tasks;
}

/** The task's retry is due. */
export function retryDue(state: State, batch: BatchState, index: number, attempt: number): void {
  if (batch.removed || batch.code(index) !== TASK.retrying) return;
  const table = batch.touch();
  if (table.progress(index).attempt === attempt) waitAgain(state, batch, index);
}

/** The task goes out with the assignment, wherever it is. */
export function sendOut(state: State, assignment: Assignment, index: number): void {
  leave(state, assignment.batch, index);
  hold(state, assignment, [[index, index + 1]], 1);
}

/** Tasks that were taken from their lane together go out. */
export function sendSlice(state: State, assignment: Assignment, tasks: readonly Range[], count: number): void {
  const { batch } = assignment;
  const first = tasks[0]?.[0] ?? 0;
  if (batch.code(first) === TASK.waiting) batch.runAt(first).waiting -= count;
  unpend(state, batch, first, count);
  hold(state, assignment, tasks, count);
}

function hold(state: State, assignment: Assignment, tasks: readonly Range[], count: number): void {
  const { batch, seq } = assignment;
  const table = batch.touch();
  for (const [from, to] of tasks) table.hold(from, to, seq);
  assignment.open += count;
  batch.queue.running += count;
  state.tally.running += count;
}

/** Those of `[from, to)` that the assignment holds succeeded; answers how many. What most reports say, so all at once. */
export function succeed(state: State, assignment: Assignment, from: number, to: number): number {
  const { batch, seq, worker, type } = assignment;
  if (batch.keyed)
    for (let index = from; index < to; index++)
      if (batch.touch().holder(index) === seq) releaseKey(state, batch, index);
  if (assignment.suspects !== null)
    for (let index = from; index < to; index++)
      if (batch.touch().holder(index) === seq) state.suspects.clear(batch, index);
  const count = batch.touch().succeed(from, to, seq);
  assignment.open -= count;
  worker.took(type, count);
  batch.queue.running -= count;
  batch.succeeded += count;
  state.tally.running -= count;
  state.tally.succeeded += count;
  if (batch.ended) state.complete.add(batch);
  return count;
}

/** The batch is no more: none of its tasks counts for anything. */
export function erase(state: State, batch: BatchState): void {
  if (batch.finished === null) {
    state.unfinishedBytes -= batch.bytes;
    const table = batch.touch();
    for (let index = 0; index < batch.count; index++) {
      if (batch.keyed && !isOver(batch, index)) releaseKey(state, batch, index);
      leave(state, batch, index);
      if (state.suspects.size > 0) state.suspects.clear(batch, index);
      table.setCode(index, TASK.cancelled);
      state.tally.cancelled++;
      batch.cancelled++;
    }
    leaveQueue(state, batch);
  } else state.retention.release(batch);
  state.tally.succeeded -= batch.succeeded;
  state.tally.failed -= batch.failed;
  state.tally.cancelled -= batch.cancelled;
  batch.removed = true;
  state.complete.delete(batch);
  state.batches.delete(batch.id);
  const left = (state.batchesOf.get(batch.queueName) ?? 1) - 1;
  if (left > 0) state.batchesOf.set(batch.queueName, left);
  else state.batchesOf.delete(batch.queueName);
}

export const isOver = (batch: BatchState, index: number): boolean => isFinalCode(batch.code(index));
