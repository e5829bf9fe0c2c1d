import { countOf, indexesOf, toRanges } from '@drover/core';
import { keepFinished } from './held.js';
import { purgeFailed, removeBatch } from './batches.js';
import type { TaskName, TaskReply } from './model.js';
import { NO_TASK, STEP_OF_FLOW } from './requests.js';
import type { State } from './state.js';
import type { BatchState } from './tasks.js';
import { stateAt } from './views.js';

/**
 * Dead letters that somebody wants to be rid of. A batch of which nothing else is left is removed; of any other the
 * record says which tasks are purged, and has their payloads no more. To everybody who asks, a purged task is none: it
 * never runs again, whatever becomes of its batch. Which tasks it takes is decided here, at once, so a retry before or
 * after in the same turn cannot come between.
 */
export function purgeTasks(state: State, tasks: readonly TaskName[]): TaskReply[] {
  const chosen = new Map<BatchState, Set<number>>();
  const replies = tasks.map(({ batch: id, index }): TaskReply => {
    const batch = state.batches.get(id);
    if (!batch?.hasTask(index)) return NO_TASK;
    const found = stateAt(batch, index);
    if (found !== 'failed')
      return { ok: false, state: found, message: `only failed tasks can be purged; it is ${found}` };
    if (batch.isStep) return { ok: false, state: found, message: STEP_OF_FLOW };
    if (batch.finished === null) return { ok: false, state: found, message: UNFINISHED };
    if (batch.claims > 0) return { ok: false, state: found, message: 'a task of its batch is being retried' };
    if (batch.isAwaited) return { ok: false, state: found, message: AWAITED };
    const indexes = chosen.get(batch);
    if (indexes === undefined) chosen.set(batch, new Set([index]));
    else indexes.add(index);
    return { ok: true, state: 'purged' };
  });
  for (const [batch, indexes] of chosen) purgeFrom(state, batch, indexes);
  return replies;
}

const UNFINISHED = 'other tasks of its batch have not ended; purge it when they have';

const AWAITED = 'another task is to run after one of its batch, and has not ended; purge it when that has';

function purgeFrom(state: State, batch: BatchState, indexes: ReadonlySet<number>): void {
  const { id, count, failed: hadFailed } = batch;
  state.retention.release(batch);
  const purged = toRanges([...indexesOf(batch.purged), ...indexes].sort((a, b) => a - b));
  const finished = purgeFailed(state, batch, purged, indexes);
  if (finished === null) return;
  if (countOf(purged) === count) {
    removeBatch(state, batch);
    state.outbox.push({ kind: 'remove', batch: id, tasks: count, failed: hadFailed });
    return;
  }
  keepFinished(state, batch, finished.at);
  const { failed, attempts, cancelledTasks } = finished;
  const which = cancelledTasks === null ? {} : { cancelledTasks };
  state.outbox.push({ kind: 'purge', batch: id, purged, failed, attempts, cancelled: batch.cancelled, ...which });
}
