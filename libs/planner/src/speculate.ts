import { askToHandBack, isRecallable, newAssignment, place, type Assignment } from './assignments.js';
import { goBeside } from './ledger.js';
import { choiceOf, grantOf } from './placement/place.js';
import { choose } from './placement/choose.js';
import { PlacedRoute } from './placement/placed-route.js';
import { SPECULATE_EVERY_MS } from './settings.js';
import { copiesLeft, slowAfterMs } from './speculate.decide.js';
import type { Planning, State } from './state.js';

/**
 * Begins slow tasks once more, on another machine, where there is room that nobody waits for. The copy is the next attempt,
 * begun early: its assignment and that of the attempt before name each other, and the report of either deletes both, so
 * ZooKeeper accepts one result. The README says what interleaves.
 */
export function speculate(planning: Planning): void {
  const { state, now } = planning;
  const { speculative } = state.assignments;
  const { speculateShare } = state.settings;
  if (speculative.size === 0 || speculateShare === 0) return;
  if (now < state.speculateFrom) return state.wake(state.speculateFrom);
  state.speculateFrom = now + SPECULATE_EVERY_MS;
  let copies = 0;
  for (const { copy } of speculative) copies += Number(copy !== null);
  for (const assignment of [...speculative]) {
    if (copiesLeft(copies, state.tally.out, speculateShare) <= 0) return;
    if (isSlow(state, assignment, now) && copyOf(planning, assignment)) copies++;
  }
}

/** It has one task left, that has no copy and is under no limit. Others that it has not begun are asked back first. */
function isSlow(state: State, assignment: Assignment, now: number): boolean {
  const { open, copy, copyFrom, copyOf: other, batch, revoking, gone, makesRoom, sub, suspects } = assignment;
  if (copy !== null || other !== null || revoking !== null || gone || makesRoom !== null) return false;
  if (open === 0 || sub.guard !== null || suspects !== null || assignment.toEnd.size > 0 || batch.isStep) return false;
  const { durations, settings } = state;
  const { type } = sub.workClass;
  const done = batch.succeeded + batch.failed + batch.cancelled;
  const like = { done, of: batch.count, p50: durations.p50(type), p95: durations.p95(type) };
  const afterMs = slowAfterMs(like, settings.speculateAfter);
  if (afterMs === null) return false;
  if (now < copyFrom + afterMs) {
    state.wake(copyFrom + afterMs);
    return false;
  }
  if (open > 1 && isRecallable(assignment)) askToHandBack(state, assignment);
  return open === 1;
}

function copyOf(planning: Planning, other: Assignment): boolean {
  const { state, now, commands } = planning;
  const { sub, batch, worker, fact: beside } = other;
  const { route } = sub.workClass;
  if (!(route instanceof PlacedRoute) || route.ties !== null) return false;
  const choice = (planning.choice ??= choiceOf(planning));
  const member = choose(route, choice);
  if (member === null || member.worker === worker || member.worker.declared.host === worker.declared.host) return false;
  const index = indexLeft(other);
  if (index === null) return false;
  const tasks = [[index, index + 1]] as const;
  const slice = { batch, attempt: beside.attempt + 1, tasks };
  const grant = grantOf(sub, route.demand, member, 1);
  const rival = `${worker.id}/${beside.id}`;
  const fact = Object.assign(newAssignment(state, slice, member.worker, now), grant, { rival, isCopy: true as const });
  const copy = place(state, { fact, batch, sub, worker: member.worker });
  copy.copyOf = other;
  other.copy = copy;
  beside.rival = `${member.worker.id}/${fact.id}`;
  goBeside(state, copy, now);
  member.write();
  state.countPlaced(member.of.pool, 1);
  commands.push({ kind: 'copy', assignment: fact, beside });
  return true;
}

function indexLeft({ fact, batch, seq }: Assignment): number | null {
  for (const [from, to] of fact.tasks)
    for (let index = from; index < to; index++) if (batch.table?.holder(index) === seq) return index;
  return null;
}
