import { toRanges, type Outcome } from '@drover/core';
import type { Planning } from './assign.js';
import { heldBy, type Assignment } from './assignments.js';
import { revokeLater, runDue } from './facts.js';
import { armDeadline } from './give.js';
import { retryDue } from './ledger.js';
import type { EndFact, RevokeReason } from './model.js';
import type { State } from './state.js';

/** Everything that time has brought about until `now`. */
export function fireDue(state: State, now: number): void {
  for (let due = state.due.take(now); due !== null; due = state.due.take(now)) {
    switch (due.kind) {
      case 'run':
        runDue(state, due.run);
        break;
      case 'retry':
        retryDue(state, due.batch, due.index, due.attempt);
        break;
      case 'deadline':
        deadlineDue(state, due.assignment, now);
        break;
      case 'suspects':
        // The plan that this is part of looks at all of them.
        break;
      case 'grace':
        graceDue(state, due.assignment);
        break;
    }
  }
}

/** Work without a timeout that was handed out before may hold the places: then nobody can tell, and the net waits. */
function deadlineDue(state: State, seq: number, now: number): void {
  const assignment = state.assignments.bySeq(seq);
  if (assignment === undefined || assignment.open === 0) return;
  if (waitsForUntimed(assignment)) armDeadline(state, assignment, now);
  else revokeLater(state, assignment, 'timed-out');
}

function waitsForUntimed(assignment: Assignment): boolean {
  for (const other of assignment.worker.assignments) {
    if (other === assignment) return false;
    if (other.timeoutMs === null && other.open > 0) return true;
  }
  return false;
}

/** The worker was asked to abort, and has not. */
function graceDue(state: State, seq: number): void {
  const assignment = state.assignments.bySeq(seq);
  if (assignment === undefined) return;
  for (const index of assignment.cancelled)
    if (assignment.batch.table?.holder(index) === seq) {
      revokeLater(state, assignment, 'cancelled');
      return;
    }
}

/** What is to be taken away; it takes effect when it is told as a fact. */
export function revokePending({ state, commands }: Planning): void {
  for (const [assignment, reason] of state.revocations) {
    assignment.revoking = reason;
    state.notices.delete(assignment);
    const { fact, lostIn } = assignment;
    const death = lostIn === null ? {} : { death: lostIn.many ? ('many' as const) : ('one' as const) };
    commands.push({ kind: 'revoke', assignment: fact, ends: endsOf(assignment, reason), reason, ...death });
  }
  state.revocations.clear();
}

/** The tasks that the assignment still holds, each with the end that the revocation gives it. */
function endsOf(assignment: Assignment, reason: RevokeReason): EndFact[] {
  const byOutcome = new Map<Outcome, number[]>();
  for (const index of heldBy(assignment)) {
    const outcome = outcomeOf(assignment, index, reason);
    const alike = byOutcome.get(outcome);
    if (alike === undefined) byOutcome.set(outcome, [index]);
    else alike.push(index);
  }
  return [...byOutcome].flatMap(([outcome, indexes]) => toRanges(indexes).map(([from, to]) => ({ from, to, outcome })));
}

/**
 * What was asked to be cancelled is cancelled, whatever the reason. The assignment's other tasks are `lost`, not
 * `returned`: the worker is alive perhaps and may have begun them, even be about to end them, and an attempt that may have
 * begun must not share its number with the next one. That it counts against the limit of losses is the price; work that
 * can hang is slow, and slow work goes out in assignments of one task.
 */
function outcomeOf(assignment: Assignment, index: number, reason: RevokeReason): Outcome {
  if (assignment.cancelled.has(index)) return 'cancelled';
  const timed = reason === 'timed-out' && assignment.batch.groupAt(index).timeoutMs !== null;
  return timed ? 'timed-out' : 'lost';
}
