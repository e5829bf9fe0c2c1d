import { taskId } from '@drover/core';
import type { State } from './state.js';
import type { BatchState } from './tasks.js';

/**
 * The things that unique keys keep after the end of their tasks, and for how long: a key of mode `first` with `for`,
 * and batches that tell the next leader of a window (`throttle`) or of such a key. Nothing is written for it: the batch
 * itself says it.
 */

/** The key of the task that ended at `at` is held for a time. False: it is free. */
export function holdKey(state: State, batch: BatchState, index: number, at: number): boolean {
  const forMs = batch.groupAt(index).unique?.forMs ?? null;
  if (forMs === null) return false;
  state.heldKeys.set(taskId(batch.id, index), at);
  state.due.add(at + forMs, { kind: 'key-held', batch, index, endedAt: at });
  return true;
}

/** Until when the batch must stay for the sake of its keys; null: not for them. */
export function keptUntil(batch: BatchState, finishedAt: number): number | null {
  let longest = 0;
  for (const { unique } of batch.groups) longest = Math.max(longest, unique?.forMs ?? 0, unique?.everyMs ?? 0);
  return longest === 0 ? null : finishedAt + longest;
}

/**
 * A finished batch is kept: as all others are, when the time is over for which its keys need it. While others wait for
 * tasks of it, it stays in any case; the last of them says so again (`leaveOthers`).
 */
export function keepFinished(state: State, batch: BatchState, finishedAt: number): void {
  if (batch.isAwaited || batch.isKept) return;
  const until = batch.order === null && !batch.keyed ? null : keptUntil(batch, finishedAt);
  if (until === null) state.retention.keep(batch, finishedAt);
  else state.due.add(until, { kind: 'kept', batch, finishedAt });
}

/** Nobody needs the batch any more: retention may have it when it is finished. */
export function letGo(state: State, batch: BatchState): void {
  if (!batch.isKept) return;
  batch.isKept = false;
  if (batch.finished !== null && batch.claims === 0) keepFinished(state, batch, batch.finished.at);
}

export function keptLongEnough(state: State, batch: BatchState, finishedAt: number): void {
  if (batch.removed || batch.finished?.at !== finishedAt || batch.keptIn !== null) return;
  if (batch.claims > 0 || batch.isAwaited || batch.isKept) return;
  state.retention.keep(batch, finishedAt);
}

/**
 * A finished batch was found: what its tasks began may last still. When they ended is known to no one better than so.
 */
export function restoreHeld(state: State, batch: BatchState): void {
  const { finished } = batch;
  if (finished === null || keptUntil(batch, finished.at) === null) return;
  for (let index = 0; index < batch.count; index++) {
    const { unique } = batch.groupAt(index);
    if (unique === null) continue;
    if (unique.forMs !== null) holdKey(state, batch, index, finished.at);
    else if (unique.everyMs !== null && hasBegun(batch, index)) state.keys.began(state, batch, index, finished.at);
  }
}

/** Of one that was cancelled nobody knows, and mostly it had not. */
function hasBegun({ finished, succeeded, cancelled }: BatchState, index: number): boolean {
  const at = finished?.failed.indexOf(index) ?? -1;
  if (at >= 0) return (finished?.attempts[at] ?? 1) > 0;
  const named = finished?.cancelledTasks ?? null;
  if (named !== null) return !named.some(([from, to]) => from <= index && index < to);
  return succeeded > 0 || cancelled === 0;
}
