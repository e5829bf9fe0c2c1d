import { taskId } from '@drover/core';
import { askToEnd } from './assignments.js';
import { wakeKey, type KeyState, type UniqueTask } from './keys.js';
import { releaseRun } from './batches.js';
import { recordEach, releaseKey, type RecordedEnd } from './ledger.js';
import type { Planning, State } from './state.js';
import { PLACE, type BatchState } from './tasks.js';
import { decideKey } from './unique.js';

/**
 * Decides on every key of which something has changed, until nothing more follows. Not before all batches are known.
 */
export function decideKeys({ state, now }: Planning): void {
  const { dirty } = state.keys;
  while (dirty.size > 0) {
    const ends = new Map<BatchState, RecordedEnd[]>();
    for (const key of dirty) {
      dirty.delete(key);
      decide(state, key, ends, now);
    }
    for (const [batch, list] of ends)
      recordEach(
        state,
        batch,
        list.toSorted((a, b) => a.index - b.index),
        now,
      );
  }
}

function decide(state: State, key: KeyState, ends: Map<BatchState, RecordedEnd[]>, now: number): void {
  state.keys.forgetIfOver(key, now);
  const { superseded, refused, release, wakeAt } = decideKey(key.tasks, key.window, now, ({ id }) => id);
  // Before who was in line for the key loses its place.
  if (release !== null)
    releaseTask(
      state,
      release,
      superseded.map(([loser]) => loser),
      now,
    );
  for (const [loser, winner] of superseded) {
    const { batch, index } = loser;
    const holder =
      batch.place(index) === PLACE.out ? state.assignments.bySeq(batch.table?.holder(index) ?? 0) : undefined;
    if (holder !== undefined) askToEnd(state, holder, index, 'superseded', now, winner);
    else addTo(ends, batch, { index, outcome: 'superseded', winner });
  }
  for (const [{ batch, index }, winner] of refused) addTo(ends, batch, { index, outcome: 'refused', winner });
  if (wakeAt !== null) wakeKey(state, key, wakeAt);
}

/** It takes the place in line of one that it supersedes: otherwise submits that never cease would never be served. */
function releaseTask(state: State, task: UniqueTask, losers: readonly UniqueTask[], now: number): void {
  const run = task.batch.runAt(task.index);
  if (run.due || !isFresh(task)) return;
  const seat = losers.find((loser) => loser.seat?.sub === run.sub && isFresh(loser))?.seat ?? null;
  task.seat = seat ?? run;
  releaseRun(state, run, seat, now);
}

/** The entry in its sub-queue is its run, or the seat of another one. */
const isFresh = ({ batch, index }: UniqueTask): boolean => batch.place(index) === PLACE.fresh;

function addTo(ends: Map<BatchState, RecordedEnd[]>, batch: BatchState, end: RecordedEnd): void {
  const list = ends.get(batch);
  if (list === undefined) ends.set(batch, [end]);
  else list.push(end);
}

/** The time for which a key was looked at has come. */
export function keyDue(state: State, key: KeyState, at: number): void {
  if (key.wakeAt !== at) return;
  key.wakeAt = null;
  state.keys.dirty.add(key);
}

/**
 * The key of a task that ended at `endedAt` was held for long enough. It may have run again since, and ended once
 * more.
 */
export function heldLongEnough(state: State, batch: BatchState, index: number, endedAt: number): void {
  const id = taskId(batch.id, index);
  if (state.heldKeys.get(id) !== endedAt) return;
  state.heldKeys.delete(id);
  if (!batch.removed && (batch.finished !== null || batch.isOver(index))) releaseKey(state, batch, index);
}
