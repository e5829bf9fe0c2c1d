import type { TaskName, TaskReply } from './model.js';
import { NO_TASK } from './requests.js';
import type { State } from './state.js';
import { stateAt } from './views.js';

/**
 * Somebody wants a task that has ended to be erased: its payload, its result, its errors. It stays what it is, and never
 * runs again, because there is nothing left that it could run with. That is decided here, at once, so that no retry comes
 * between this and the writes.
 */
export function eraseTasks(state: State, tasks: readonly TaskName[]): TaskReply[] {
  return tasks.map(({ batch: id, index }): TaskReply => {
    const batch = state.batches.get(id);
    if (!batch?.hasTask(index)) return NO_TASK;
    const found = stateAt(batch, index);
    if (batch.finished === null && !batch.isOver(index))
      return { ok: false, state: found, message: `only tasks that have ended can be erased; it is ${found}` };
    if (batch.pinned !== null)
      return { ok: false, state: found, message: 'its payload is that of all workers of its broadcast' };
    if (batch.claims > 0) return { ok: false, state: found, message: 'a task of its batch is being retried' };
    batch.erased ??= new Set();
    batch.erased.add(index);
    return { ok: true, state: found };
  });
}
