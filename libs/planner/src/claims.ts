import type { BatchState } from './batch-state.js';
import { conclude } from './ledger.js';
import type { TaskName } from './model.js';
import { reopen } from './requests.js';
import type { State } from './state.js';
import { stateAt } from './views.js';

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
}

/** Null: this is no failed task with a key. */
export function claimKey(state: State, { batch: id, index }: TaskName): Claim | null {
  const batch = state.batches.get(id);
  if (!batch?.has(index) || stateAt(batch, index) !== 'failed') return null;
  const { key } = batch.groupAt(index);
  if (key === null) return null;
  batch.claims++;
  state.retention.release(batch);
  return { batch: id, index, queue: batch.queueName, key, n: state.nextN(), attempt: lastAttempt(batch, index) };
}

/** What came of the transaction. False: the batch is gone meanwhile, nobody needs the key. */
export function settleClaim(state: State, { batch: id, index, attempt }: Claim, taken: boolean, now: number): boolean {
  const batch = state.batches.get(id);
  if (batch === undefined) return false;
  batch.claims--;
  if (taken) {
    reopen(state, batch);
    conclude(state, batch, index, { outcome: 'requeued', attempt }, now);
    state.complete.delete(batch);
  } else if (batch.claims === 0) {
    if (batch.finished !== null) state.retention.keep(batch, batch.finished.at);
    else if (batch.ended) state.complete.add(batch);
  }
  return true;
}

function lastAttempt(batch: BatchState, index: number): number {
  const { finished } = batch;
  if (finished === null) return batch.touch().progress(index).attempt;
  return finished.attempts[finished.failed.indexOf(index)] ?? 1;
}
