import { indexesOf, taskId, toRanges, type Range } from '@drover/core';
import { armDeadline, armRoom, place, revokeLater, type Assignment } from './assignments.js';
import { diedNow } from './facts.js';
import { goBeside, releaseKey, sendOut } from './ledger.js';
import type { AssignmentFact } from './model.js';
import type { Planning, Rebuild, State } from './state.js';
import { ALONE_AT } from './suspects.js';
import { PLACE, type BatchState } from './tasks.js';

/**
 * Assignments that were found are put on the books, now that all ends of their batches are known; those of workers that
 * are not there are revoked.
 */
export function restoreAssignments({ state, now }: Planning): void {
  const { rebuild } = state;
  if (rebuild === null) return;
  // An attempt comes before the one that was begun beside it.
  const found = rebuild.assignments.splice(0).sort((a, b) => Number(a.isCopy === true) - Number(b.isCopy === true));
  for (const fact of found) if (!rebuild.over.has(fact.id)) restore(state, fact, rebuild, now);
}

/** The end of a rebuild: everything was told, in whatever order. */
export function concludeRebuild({ state, now }: Planning): void {
  if (state.rebuild === null) return;
  state.rebuild = null;
  state.bornAt = now;
  state.contest.hasRead();
  for (const queue of state.queues.values())
    for (const sub of queue.subs()) {
      sub.sort();
      state.contest.aged(sub);
    }
  for (const batch of state.batches.values()) if (batch.keyed) releaseKeysOf(state, batch);
}

/** The leader before may have died between the end of a task and the release of its key. */
function releaseKeysOf(state: State, batch: BatchState): void {
  if (batch.finished !== null || batch.table === null) return;
  for (let index = 0; index < batch.count; index++) {
    const isHeld = state.heldKeys.has(taskId(batch.id, index));
    if (batch.isOver(index) && !isHeld) releaseKey(state, batch, index);
  }
}

function restore(state: State, fact: AssignmentFact, rebuild: Rebuild, now: number): void {
  if (state.assignments.byId(fact.id) !== undefined) return;
  const batch = state.batches.get(fact.batch);
  if (batch?.finished !== null) {
    state.outbox.push({ kind: 'revoke', assignment: fact, ends: [], reason: 'removed' });
    return;
  }
  const tasks = openTasks(batch, fact, rebuild.handedBack.get(fact.id) ?? []);
  const worker = state.workers.get(fact.worker) ?? state.workers.lost(fact.worker);
  const { sub } = batch.runAt(fact.tasks[0]?.[0] ?? 0);
  const assignment = place(state, { fact, batch, sub, worker });
  if (fact.isCopy === true && restoreCopy(state, assignment, tasks, now)) return;
  // The leader before has charged for it.
  if (assignment.chargedMs !== null) assignment.chargedMs = 0;
  restoreSuspicion(state, assignment, tasks, now);
  for (const index of indexesOf(tasks)) sendOut(state, assignment, index, now);
  // All the time again: this leader cannot know how far the worker is.
  armDeadline(state, assignment, now);
  if (worker.gone) {
    assignment.lostIn = diedNow(state, worker.id, now);
    revokeLater(state, assignment, 'worker-lost');
    return;
  }
  if (assignment.toEnd.size > 0)
    state.due.add(now + state.settings.graceMs, { kind: 'grace', assignment: assignment.seq });
  if (assignment.makesRoom !== null) armRoom(state, assignment, now);
}

/** True: the task is over, or the attempt beside which it was begun has it still. Else it is the next attempt itself. */
function restoreCopy(state: State, copy: Assignment, tasks: readonly Range[], now: number): boolean {
  const { batch, fact } = copy;
  const [index] = indexesOf(fact.tasks);
  if (tasks.length > 0 || index === undefined || !batch.has(index)) {
    delete fact.rival;
    delete fact.isCopy;
    state.notices.add(copy);
    return false;
  }
  const other = state.assignments.bySeq(batch.table?.holder(index) ?? 0) ?? copy;
  copy.copyOf = other;
  goBeside(state, copy, now);
  if (other !== copy) other.copy = copy;
  if (other === copy || copy.worker.gone) revokeLater(state, copy, copy.worker.gone ? 'worker-lost' : 'outrun');
  return true;
}

/** The leader before had handed out suspects, and kept the worker for them. */
function restoreSuspicion(state: State, assignment: Assignment, tasks: readonly Range[], now: number): void {
  const { batch, worker } = assignment;
  const [first] = indexesOf(tasks);
  if (state.suspects.size === 0 || first === undefined || batch.place(first) !== PLACE.suspect) return;
  assignment.suspects = state.suspects.of(batch, first);
  assignment.isAlone = batch.losses(first) >= ALONE_AT;
  state.suspects.reserved.add(worker);
  state.workers.reserve(worker, true, now);
}

/** Those that have neither ended in this attempt nor been handed back, nor are held by another assignment. */
function openTasks(batch: BatchState, fact: AssignmentFact, handedBack: readonly Range[]): Range[] {
  const returned = new Set(indexesOf(handedBack));
  const open: number[] = [];
  for (const index of indexesOf(fact.tasks)) {
    if (!batch.has(index) || returned.has(index)) continue;
    if (batch.place(index) === PLACE.out || batch.isOver(index)) continue;
    if ((batch.table?.progress(index).attempt ?? 0) < fact.attempt) open.push(index);
  }
  return toRanges(open);
}
