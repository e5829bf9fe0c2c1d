import { isLeaderDecided, taskId, type BatchId, type RangeEnd } from '@drover/core';
import { reopenBatch } from './batches.js';
import { whyErased } from './erased.js';
import { conclude, recordEach, retryDueAt, type RecordedEnd } from './ledger.js';
import type { Group, TaskName, TaskReply } from './model.js';
import { NO_TASK, STEP_OF_FLOW } from './requests.js';
import type { State } from './state.js';
import { PLACE, type BatchState } from './tasks.js';
import { stateAt } from './views.js';

/** How tasks that are not out are to be otherwise. `priority` or `queue`: they go on as new tasks. */
export interface TaskChange {
  /** Not before this time; one that is past means now. */
  readonly dueAt?: number;
  readonly priority?: number;
  readonly queue?: string;
  /** Of failed tasks instead of those that wait: they run again there, with all their attempts. */
  readonly dead?: boolean;
}

interface Changing {
  readonly state: State;
  readonly change: TaskChange;
  readonly now: number;
  readonly newId: () => BatchId;
}

/**
 * Changes tasks that are not out. When a task is due is a record beside its batch, as that of a retry by hand: `returned` by
 * the leader, with the delay from then. Another priority or queue cannot be said of a batch that exists; so the task goes
 * on in a new batch, and ends in the old one as superseded by it, in one transaction (`move`): whoever dies, there is
 * one of the two, and `result()` follows.
 */
export function changeTasks(
  state: State,
  tasks: readonly TaskName[],
  change: TaskChange,
  { now, newId }: { now: number; newId: () => BatchId },
): TaskReply[] {
  const changing: Changing = { state, change, now, newId };
  const isMove = change.priority !== undefined || change.queue !== undefined;
  const chosen = new Map<BatchState, Set<number>>();
  const refusals = tasks.map(({ batch: id, index }): TaskReply | null => {
    const batch = state.batches.get(id);
    if (!batch?.hasTask(index)) return NO_TASK;
    const bound = isMove && change.dead !== true && batch.isAwaited ? 'tasks wait for one of its batch to end' : null;
    const refusal =
      change.dead === true ? whyNotDead(state, batch, index) : (whyNotWaiting(state, batch, index) ?? bound);
    if (refusal !== null) return { ok: false, state: stateAt(batch, index), message: refusal };
    const indexes = chosen.get(batch);
    if (indexes === undefined) chosen.set(batch, new Set([index]));
    else indexes.add(index);
    return null;
  });
  const moved = new Map<string, string>();
  for (const [batch, set] of chosen) {
    const indexes = [...set].sort((a, b) => a - b);
    if (isMove) move(changing, batch, indexes, moved);
    else setDue(changing, batch, indexes);
  }
  return tasks.map(({ batch: id, index }, at): TaskReply => {
    const refusal = refusals[at] ?? null;
    if (refusal !== null) return refusal;
    const name = taskId(id, index);
    const batch = state.batches.get(id);
    const movedTo = moved.get(name);
    if (movedTo !== undefined) return { ok: true, state: 'cancelled', moved: movedTo };
    return { ok: true, state: batch === undefined ? 'unknown' : stateAt(batch, index) };
  });
}

function whyNotWaiting(state: State, batch: BatchState, index: number): string | null {
  const found = stateAt(batch, index);
  if (batch.finished !== null || batch.isOver(index)) return `it has ended (${found})`;
  const place = batch.place(index);
  if (place === PLACE.out) return 'a worker has it; only tasks that wait can be changed';
  if (place === PLACE.suspect) return 'it was out at a worker that died, and runs apart from others first';
  return whyBound(state, batch, index);
}

function whyNotDead(state: State, batch: BatchState, index: number): string | null {
  if (batch.finished === null && !batch.isOver(index)) return 'it has not ended; only failed tasks can be redriven';
  const found = stateAt(batch, index);
  if (found !== 'failed') return `only failed tasks can be redriven; it is ${found}`;
  if (batch.claims > 0) return 'a task of its batch is being retried';
  return whyErased(batch, index) ?? whyBound(state, batch, index);
}

/** Something else decides when it runs. */
function whyBound({ dependencies }: State, batch: BatchState, index: number): string | null {
  const { key, unique, after } = batch.groupAt(index);
  if (batch.isStep) return STEP_OF_FLOW;
  if (batch.pinned !== null) return 'it is for one worker alone, as a part of a broadcast';
  if (batch.watch !== null) return 'a schedule made it, which decides when it runs';
  if (key !== null || isLeaderDecided(unique)) return 'its key belongs to it; cancel it and submit it anew';
  const isFresh = batch.finished === null && batch.place(index) === PLACE.fresh;
  if (after !== null && isFresh && dependencies.of(batch.runAt(index))?.isOver === false)
    return 'it waits for other tasks to end first';
  return null;
}

function setDue({ state, change, now }: Changing, batch: BatchState, indexes: readonly number[]): void {
  const delayMs = Math.max(0, (change.dueAt ?? now) - now);
  const due = delayMs === 0 ? {} : { retryAfterMs: delayMs };
  const ends = indexes.map((index): RecordedEnd => ({ index, outcome: 'returned', ...due }));
  recordEach(state, batch, ends, now);
}

function move(
  { state, change, now, newId }: Changing,
  batch: BatchState,
  indexes: readonly number[],
  moved: Map<string, string>,
): void {
  const { queue = batch.queueName, dead = false } = change;
  const id = newId();
  const tasks = indexes.map((index) => ({ index, group: groupOf(state, batch, index, change, now) }));
  const requeued = dead ? state.nextN() : null;
  if (dead) {
    if (batch.finished !== null) {
      state.retention.release(batch);
      reopenBatch(state, batch);
    }
    for (const index of indexes) conclude(state, batch, index, { outcome: 'requeued', attempt: 0 }, now);
  }
  const ends = indexes.map((index, at): RangeEnd => {
    const winner = taskId(id, at);
    moved.set(taskId(batch.id, index), winner);
    conclude(state, batch, index, { outcome: 'superseded', attempt: 0 }, now);
    return { from: index, to: index + 1, outcome: 'superseded', winner };
  });
  state.outbox.push({ kind: 'move', batch: batch.id, requeued, n: state.nextN(), ends, into: { id, queue, tasks } });
}

/** Its options there: what is left until it is due, and all attempts. */
function groupOf(state: State, batch: BatchState, index: number, change: TaskChange, now: number): Group {
  const group = batch.groupAt(index);
  const { priority = group.priority, dueAt = dueAtOf(batch, index, change) ?? now } = change;
  return { ...group, count: 1, priority, after: null, delayMs: Math.max(0, Math.ceil(dueAt - now)) };
}

/** When it would be due without the change; null: it is. */
function dueAtOf(batch: BatchState, index: number, { dead }: TaskChange): number | null {
  if (dead === true) return null;
  if (batch.place(index) === PLACE.retrying) return retryDueAt(batch, index);
  return batch.place(index) === PLACE.fresh ? batch.firstDueAt(index) : null;
}
