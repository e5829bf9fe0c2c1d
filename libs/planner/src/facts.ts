import { DEFAULT_QUEUE_SETTINGS, type BatchId, type QueueSettings, type Range, type RangeEnd } from '@drover/core';
import { forgetAssignment, report, revokeLater, type Assignment } from './assignments.js';
import { countWorker } from './claims.js';
import { keepFinished, restoreHeld } from './held.js';
import { addBatch, changeQueue, removeBatch } from './batches.js';
import { absolve, conclude } from './ledger.js';
import type { BatchFact, ResultFact, WorkerFact } from './model.js';
import { findDying, noteTold } from './on-dead.js';
import { holdByReport } from './reservations.js';
import type { State } from './state.js';
import type { Death } from './suspects.js';
import { BatchState, PLACE } from './tasks.js';

/** A batch was found. One that is known already is not looked at again: its tasks' ends are told by results. */
export function learnBatch(state: State, fact: BatchFact): void {
  if (state.batches.has(fact.id)) return;
  if (state.dependencies.unread.has(fact.id)) state.dependencies.lookAgain(fact.id);
  const batch = new BatchState(fact);
  if (fact.unaccounted !== undefined && fact.finished === undefined) batch.touch().unaccounted = fact.unaccounted;
  addBatch(state, batch, fact.finished);
  state.flow.submitted(fact.queue, batch.count, fact.submittedAt);
  if (fact.finished === undefined) return;
  keepFinished(state, batch, fact.finished.at);
  if (batch.order !== null || batch.keyed) restoreHeld(state, batch);
}

/** A report of a worker, or an end that a leader wrote. */
export function learnResult(state: State, fact: ResultFact): void {
  const batch = state.batches.get(fact.batch);
  if (batch?.finished !== null) return;
  const assignment = fact.assignment === null ? undefined : state.assignments.byId(fact.assignment);
  if (assignment !== undefined) {
    report(state, assignment, fact);
    return;
  }
  batch.isSettling = fact.isSettled === true;
  for (const end of fact.ends === 'all' ? [] : fact.ends) unheld(state, batch, end, fact);
  batch.isSettling = false;
  const [first] = fact.ends === 'all' ? [] : fact.ends;
  if (fact.holds !== undefined && first !== undefined && batch.has(first.from))
    holdByReport(state, { batch, index: first.from, at: fact.at }, fact.holds);
  if (fact.told !== undefined) noteTold(batch, fact.told);
  if (state.rebuild !== null && fact.assignment !== null) noteForRebuild(state, fact.assignment, fact);
}

/**
 * An end of a task that no known assignment holds: a leader's record, or history that a rebuild finds. It counts if it
 * takes the task further than what was told before, so that telling it again changes nothing.
 */
function unheld(state: State, batch: BatchState, end: RangeEnd, fact: ResultFact): void {
  const { death: told } = fact;
  const death = told === undefined ? null : state.suspects.died(told.worker, fact.at, told.many);
  for (let index = end.from; index < Math.min(end.to, batch.count); index++) {
    if (batch.place(index) === PLACE.out || batch.isPurged(index)) continue;
    // Of an assignment that goes on perhaps; one of none is the leader's: somebody set when the task is due.
    if (end.outcome === 'returned' && fact.assignment !== null) continue;
    if (end.outcome === 'requeued' && batch.place(index) !== PLACE.failed) continue;
    conclude(state, batch, index, { ...end, attempt: fact.attempt }, fact.at, death);
  }
}

function noteForRebuild(state: State, id: string, fact: ResultFact): void {
  if (state.rebuild === null) return;
  if (fact.last) state.rebuild.over.add(id);
  if (fact.ends === 'all') return;
  const returned = fact.ends.filter(({ outcome }) => outcome === 'returned');
  if (returned.length === 0) return;
  const ranges = returned.map(({ from, to }): Range => [from, to]);
  state.rebuild.handedBack.set(id, [...(state.rebuild.handedBack.get(id) ?? []), ...ranges]);
}

/** `null`: its settings were removed. */
export function learnQueue(state: State, name: string, settings: QueueSettings | null): void {
  const queue = state.queueNamed(name);
  queue.declared = settings !== null;
  const hadOnDead = queue.settings.onDead !== null;
  changeQueue(state, queue, settings ?? DEFAULT_QUEUE_SETTINGS);
  if (!hadOnDead && queue.settings.onDead !== null) findDying(state, name);
  changeKeeping(state, name, settings ?? DEFAULT_QUEUE_SETTINGS);
  state.releaseQueue(queue);
}

/** The queue keeps more or less than others. Only where that changes all batches are looked at. */
function changeKeeping(state: State, name: string, settings: QueueSettings): void {
  const { retainTasks, retainAge, retainDeadTasks, retainDead } = settings;
  const common = state.settings;
  const isOwn = [retainTasks, retainAge, retainDeadTasks, retainDead].some((value) => value !== null);
  const own = {
    retainTasks: retainTasks ?? common.retainTasks,
    retainMs: retainAge ?? common.retainMs,
    retainDeadTasks: retainDeadTasks ?? common.retainDeadTasks,
    retainDeadMs: retainDead ?? common.retainDeadMs,
  };
  if (!state.retention.configure(name, isOwn ? own : null)) return;
  for (const batch of state.batches.values()) {
    if (batch.queueName !== name || batch.keptIn === null || batch.finished === null) continue;
    state.retention.release(batch);
    state.retention.keep(batch, batch.finished.at);
  }
}

/** Joined, or changed. An allocation from before it changed may be more than it takes now: it is divided anew. */
export function learnWorker(state: State, fact: WorkerFact): void {
  const { workers, allocations } = state;
  if (workers.get(fact.id) !== undefined) allocations.clear();
  workers.set(fact);
  countWorker(state, fact.id);
}

/** The worker's session has ended: what it held goes out again, after its assignments are revoked. */
export function learnWorkerGone(state: State, id: string, now: number): void {
  const known = state.workers.get(id);
  if (known === undefined) return;
  state.workers.lost(id);
  state.durations.workerGone(id, now);
  countWorker(state, id);
  const { assignments, draining } = known;
  // One that drains was about to leave, whatever it has left behind.
  const death = assignments.size > 0 && !draining ? diedNow(state, id, now) : null;
  for (const assignment of assignments) {
    assignment.lostIn = death;
    revokeLater(state, assignment, 'worker-lost');
  }
  if (known.assignments.size === 0) state.workers.drop(known);
}

/** A worker died with work in its hands. Many that die together do not die for a task. */
export function diedNow(state: State, worker: string, now: number): Death {
  const death = state.suspects.died(worker, now);
  for (const each of state.suspects.manyAt(now)) {
    each.many = true;
    absolve(state, each);
  }
  return death;
}

/** Somebody removed the batch by hand. Its assignments go too; the workers' reports find nothing to be written to. */
export function learnBatchGone(state: State, id: BatchId): void {
  const batch = state.batches.get(id);
  if (batch === undefined) {
    state.dependencies.lookAgain(id);
    return;
  }
  const holders = new Set<Assignment>();
  for (let index = 0; index < batch.count && holders.size < batch.assignments; index++) {
    const holder = state.assignments.bySeq(batch.table?.holder(index) ?? 0);
    if (holder !== undefined) holders.add(holder);
  }
  if (batch.finished !== null) state.retention.release(batch);
  removeBatch(state, batch);
  for (const assignment of holders) {
    if (!assignment.gone && assignment.revoking === null)
      state.outbox.push({ kind: 'revoke', assignment: assignment.fact, ends: [], reason: 'removed' });
    forgetAssignment(state, assignment);
  }
}
