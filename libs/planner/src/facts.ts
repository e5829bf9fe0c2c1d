import {
  DEFAULT_QUEUE_SETTINGS,
  isNews,
  NO_PROGRESS,
  toRanges,
  type Outcome,
  type QueueSettings,
  type Range,
} from '@drover/core';
import { heldBy, type Assignment } from './assignments.js';
import { BatchState, type Run } from './batch-state.js';
import { absolve, conclude, erase, isOver, pend, succeed } from './ledger.js';
import type { BatchFact, EndFact, FinishedFact, ResultFact } from './model.js';
import { enterQueue } from './membership.js';
import { cancelWaiting } from './requests.js';
import type { State } from './state.js';
import type { Death } from './suspects.js';
import { TASK } from './task-table.js';

/** A batch was found. One that is known already is not looked at again: its tasks' ends are told by results. */
export function learnBatch(state: State, fact: BatchFact): void {
  if (state.batches.has(fact.id)) return;
  const batch = new BatchState(fact);
  state.batches.set(batch.id, batch);
  state.batchesOf.set(fact.queue, (state.batchesOf.get(fact.queue) ?? 0) + 1);
  if (fact.finished === undefined) {
    enterQueue(state, batch);
    state.unfinishedBytes += batch.bytes;
    for (const run of batch.runs) enter(state, run);
  } else learnFinished(state, batch, fact.finished);
}

function enter(state: State, run: Run): void {
  if (run.due) pendRun(state, run);
  else {
    state.tally.scheduled += run.waiting;
    const { delayMs } = run.batch.groupAt(run.from);
    state.due.add(run.batch.submittedAt + delayMs, { kind: 'run', run });
  }
}

function pendRun(state: State, run: Run): void {
  if (run.waiting === 0) return;
  pend(state, run.batch, run.from, run.waiting);
  run.lane.pushRun(run);
}

/** The delay of a run is over. */
export function runDue(state: State, run: Run): void {
  if (run.batch.removed) return;
  state.tally.scheduled -= run.waiting;
  run.due = true;
  pendRun(state, run);
}

function learnFinished(state: State, batch: BatchState, finished: FinishedFact): void {
  const { at, succeeded, cancelled, failed, attempts } = finished;
  batch.succeeded = succeeded;
  batch.cancelled = cancelled;
  batch.failed = failed.length;
  batch.finished = { at, failed, attempts: attempts ?? failed.map(() => 1) };
  state.tally.succeeded += succeeded;
  state.tally.cancelled += cancelled;
  state.tally.failed += failed.length;
  state.retention.keep(batch, at);
}

/** A report of a worker, or a word of a leader. */
export function learnResult(state: State, fact: ResultFact): void {
  const batch = state.batches.get(fact.batch);
  if (batch?.finished !== null) return;
  const assignment = fact.assignment === null ? undefined : state.assignments.byId(fact.assignment);
  if (assignment !== undefined) report(state, assignment, fact);
  else {
    for (const end of endsOf(fact)) unheld(state, batch, end, fact);
    if (state.rebuild !== null && fact.assignment !== null) noteForRebuild(state, fact.assignment, fact);
  }
}

function endsOf(fact: ResultFact, tasks: readonly Range[] = []): readonly EndFact[] {
  if (fact.ends !== 'all') return fact.ends;
  return tasks.map(([from, to]) => ({ from, to, outcome: 'succeeded' }));
}

/**
 * What a known assignment's worker (or its revocation) says; only tasks that the assignment still holds are meant. What is
 * handed back while the assignment is being taken away waits for that: the revocation, if it comes in time, says `lost`
 * of these tasks too, and everybody who reads the results takes it for the end of the attempt.
 */
function report(state: State, assignment: Assignment, fact: ResultFact): void {
  const { worker, type } = assignment;
  let ended = 0;
  for (const end of endsOf(fact, assignment.fact.tasks)) {
    if (end.outcome === 'returned' && assignment.revoking !== null) {
      for (let index = end.from; index < end.to; index++) assignment.handedBack.add(index);
      continue;
    }
    const tasks =
      end.outcome === 'succeeded'
        ? succeed(state, assignment, end.from, end.to)
        : endAllHeld(state, assignment, end, fact.at);
    if (TELLS_PACE.has(end.outcome)) ended += tasks;
  }
  if (ended > 0) {
    worker.progressed(type, ended, fact.at, fact.spent);
    if (fact.spent !== undefined) state.paceOf(type).add(ended, fact.spent.ranMs, fact.at);
  }
  if (fact.last) {
    if (fact.spent !== undefined) {
      const wayMs = fact.at - assignment.fact.at - fact.spent.heldMs;
      worker.answeredAfter(wayMs);
      state.way.told(wayMs);
    }
    settle(state, assignment, fact.at);
  }
}

/** Outcomes that say that a worker has run the task to its end. */
const TELLS_PACE: ReadonlySet<Outcome> = new Set<Outcome>(['succeeded', 'failed', 'rejected']);

/**
 * The tasks of `[from, to)` that the assignment holds ended so; answers how many. One that was asked to be cancelled and
 * would run again is cancelled instead: a cancel is no message that can come too late.
 */
function endAllHeld(state: State, assignment: Assignment, end: EndFact, at: number): number {
  const { batch, cancelled, seq } = assignment;
  let count = 0;
  for (let index = end.from; index < end.to; index++) {
    if (batch.table?.holder(index) !== seq) continue;
    conclude(state, batch, index, { ...end, attempt: assignment.fact.attempt }, at, assignment.lostIn);
    if (cancelled.has(index) && !isOver(batch, index)) cancelWaiting(state, batch, [index], at);
    count++;
  }
  return count;
}

/**
 * The assignment is over. What it held to the last was handed back, or its end is nowhere to be read: the report is
 * garbage or of a later version, or somebody removed the assignment by hand. The tasks may have run, so the attempt is
 * lost: its number is used up and three such losses end the task. The leader writes that, for everybody who reads the
 * results folds the same ends.
 */
export function settle(state: State, assignment: Assignment, at: number): void {
  if (assignment.open > 0) {
    const held = heldBy(assignment);
    recordLost(
      state,
      assignment,
      held.filter((index) => !assignment.handedBack.has(index)),
      at,
    );
    for (const index of held)
      if (assignment.handedBack.has(index))
        endAllHeld(state, assignment, { from: index, to: index + 1, outcome: 'returned' }, at);
  }
  forgetAssignment(state, assignment);
}

function recordLost(state: State, assignment: Assignment, indexes: readonly number[], at: number): void {
  if (indexes.length === 0) return;
  const { batch, worker, attempt } = assignment.fact;
  const ends = toRanges(indexes).map(([from, to]): EndFact => ({ from, to, outcome: 'lost' }));
  state.outbox.push({ kind: 'record', batch, n: state.nextN(), attempt, ends, worker });
  for (const end of ends) endAllHeld(state, assignment, end, at);
}

export function forgetAssignment(state: State, assignment: Assignment): void {
  state.assignments.remove(assignment);
  state.revocations.delete(assignment);
  state.notices.delete(assignment);
  const { worker, batch } = assignment;
  if (worker.gone && worker.assignments.size === 0) state.workers.drop(worker);
  if (batch.ended && !batch.removed) state.complete.add(batch);
}

/**
 * An end of a task that no known assignment holds: a leader's record, or history that a rebuild finds. It counts if it
 * takes the task further than what was told before, so that telling it again changes nothing.
 */
function unheld(state: State, batch: BatchState, end: EndFact, fact: ResultFact): void {
  const { death: told } = fact;
  const death = told === undefined ? null : state.suspects.died(told.worker, fact.at, told.many);
  for (let index = end.from; index < Math.min(end.to, batch.count); index++) {
    if (batch.code(index) === TASK.out || end.outcome === 'returned') continue;
    const attemptEnd = { ...end, attempt: fact.attempt };
    if (!isNews(batch.table?.progress(index) ?? NO_PROGRESS, isOver(batch, index), attemptEnd)) continue;
    if (end.outcome === 'requeued' && batch.code(index) !== TASK.failed) continue;
    conclude(state, batch, index, attemptEnd, fact.at, death);
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

export function learnQueue(state: State, name: string, settings: QueueSettings | null): void {
  const queue = state.queueNamed(name);
  const before = queue.settings;
  queue.settings = settings ?? DEFAULT_QUEUE_SETTINGS;
  queue.declared = settings !== null;
  const joins = before.paused !== queue.settings.paused || before.priority !== queue.settings.priority;
  if (joins) state.turnsOf(queue.settings.priority).join(queue.share);
  state.releaseQueue(queue);
}

/** The worker's session has ended: what it held goes out again, after its assignments are revoked. */
export function learnWorkerGone(state: State, id: string, now: number): void {
  const known = state.workers.get(id);
  if (known === undefined) return;
  state.workers.lost(id);
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

export function revokeLater(
  state: State,
  assignment: Assignment,
  reason: 'worker-lost' | 'timed-out' | 'cancelled',
): void {
  if (assignment.revoking === null && !assignment.gone) state.revocations.set(assignment, reason);
}

/** Somebody removed the batch by hand. Its assignments go too; the workers' reports find nothing to be written to. */
export function learnBatchGone(state: State, id: string): void {
  const batch = state.batches.get(id);
  if (batch === undefined) return;
  const holders = new Set<Assignment>();
  for (const worker of state.workers.all())
    for (const assignment of worker.assignments) if (assignment.batch === batch) holders.add(assignment);
  erase(state, batch);
  for (const assignment of holders) {
    if (!assignment.gone && assignment.revoking === null)
      state.outbox.push({ kind: 'revoke', assignment: assignment.fact, ends: [], reason: 'removed' });
    forgetAssignment(state, assignment);
  }
}
