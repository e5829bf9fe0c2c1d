import { indexesOf, toRanges, type Range } from '@drover/core';
import { place, type Planning } from './assign.js';
import type { BatchState } from './batch-state.js';
import { revokeLater } from './facts.js';
import type { AssignmentFact } from './model.js';
import type { Rebuild, State } from './state.js';
import { TASK } from './task-table.js';

/**
 * The end of a rebuild, with the first plan: everything was told, in whatever order. Assignments are put on the books
 * now that all ends are known; those of workers that are not there are revoked.
 */
export function concludeRebuild({ state, now }: Planning): void {
  const { rebuild } = state;
  if (rebuild === null) return;
  state.rebuild = null;
  for (const queue of state.busy) for (const lane of queue.busy) lane.sort();
  for (const fact of rebuild.assignments) if (!rebuild.over.has(fact.id)) restore(state, fact, rebuild, now);
}

function restore(state: State, fact: AssignmentFact, rebuild: Rebuild, now: number): void {
  if (state.assignments.byId(fact.id) !== undefined) return;
  const batch = state.batches.get(fact.batch);
  if (batch === undefined || batch.finished !== null) {
    state.outbox.push({ kind: 'revoke', assignment: fact, ends: [], reason: 'removed' });
    return;
  }
  const tasks = openTasks(batch, fact, rebuild.handedBack.get(fact.id) ?? []);
  const worker = state.workers.get(fact.worker) ?? state.workers.lost(fact.worker);
  const { type } = batch.groupAt(fact.tasks[0]?.[0] ?? 0);
  const count = tasks.reduce((sum, [from, to]) => sum + to - from, 0);
  const assignment = place(state, fact, { batch, tasks }, type, worker, count);
  if (worker.gone) revokeLater(state, assignment, 'worker-lost');
  else if (assignment.cancelled.size > 0)
    state.due.add(now + state.settings.graceMs, { kind: 'grace', assignment: assignment.seq });
}

/** Those that have neither ended in this attempt nor been handed back, nor are held by another assignment. */
function openTasks(batch: BatchState, fact: AssignmentFact, handedBack: readonly Range[]): Range[] {
  const returned = new Set(indexesOf(handedBack));
  const open: number[] = [];
  for (const index of indexesOf(fact.tasks)) {
    if (!batch.has(index) || returned.has(index) || batch.code(index) >= TASK.out) continue;
    if ((batch.table?.progress(index).attempt ?? 0) < fact.attempt) open.push(index);
  }
  return toRanges(open);
}
