import type { Planning } from './assign.js';
import type { BatchState } from './batch-state.js';
import { erase } from './ledger.js';
import { leaveQueue } from './membership.js';
import { MAX_REMOVALS } from './settings.js';
import { TASK } from './task-table.js';

/** Batches whose tasks have all ended, and of which no assignment exists any more, are finished: once. */
export function finishComplete({ state, now, commands }: Planning): void {
  for (const batch of state.complete) {
    if (!batch.ended || batch.assignments > 0 || batch.claims > 0 || batch.finished !== null) continue;
    const failed = failedOf(batch);
    const attempts = failed.map((index) => Math.max(1, batch.table?.progress(index).attempt ?? 1));
    batch.finished = { at: now, failed, attempts };
    batch.forget();
    leaveQueue(state, batch);
    state.unfinishedBytes -= batch.bytes;
    batch.bytes = Math.ceil((batch.bytes * failed.length) / batch.count);
    state.retention.keep(batch, now);
    const { id, succeeded, cancelled } = batch;
    commands.push({ kind: 'finish', batch: id, succeeded, failed, attempts, cancelled });
  }
  state.complete.clear();
}

function failedOf(batch: BatchState): number[] {
  const failed: number[] = [];
  if (batch.failed === 0) return failed;
  for (let index = 0; index < batch.count; index++) if (batch.code(index) === TASK.failed) failed.push(index);
  return failed;
}

/** What retention lets go. */
export function removeOld({ state, now, commands }: Planning): void {
  for (let removed = 0; removed < MAX_REMOVALS; removed++) {
    const batch = state.retention.next(now);
    if (batch === null) return;
    erase(state, batch);
    commands.push({ kind: 'remove', batch: batch.id, tasks: batch.count, failed: batch.failed });
  }
}
