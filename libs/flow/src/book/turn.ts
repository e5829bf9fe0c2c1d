import type { BatchId } from '@drover/core';
import { FAILED, HELD } from './codes.js';
import { admit, drain } from './drain.js';
import { countEnds, noteEnds } from './end-notes.js';
import { hasEnded, isAlive } from './ends.js';
import type { FlowState } from './flow-state.js';
import { haltRun } from './halts.js';
import type { Keeping } from './keeping.js';
import { concurrencyLimitName } from './limits.js';
import type { Decision, NewStepBatch } from './model.js';
import { pack } from './pack.js';
import { forgetFlow } from './removals.js';
import { beginWaits } from './starts.js';
import type { PlanIndex } from './plan-index.js';
import type { BookState, Due, KnownPlan } from './state.js';
import { endUntil, endWait } from './times.js';

/** Flows that one turn removes; the next one goes on. */
const MAX_REMOVALS = 100;

/** Everything that follows by now, in the order in which it is to be done. */
export function takeTurn(state: BookState, keeping: Keeping, newId: () => BatchId, now: number): Decision[] {
  state.now = Math.max(state.now, now);
  const starts = settle(state, newId);
  reopen(state, keeping);
  const decisions: Decision[] = state.limits.splice(0);
  const finishes: Decision[] = [];
  for (const flow of state.touched) {
    state.changed.add(flow);
    noteEnds(state, flow);
    for (const { name, notes } of flow.notes.splice(0)) decisions.push({ kind: 'note', flow: flow.id, name, notes });
    finish(state, keeping, flow, finishes);
  }
  state.touched.clear();
  for (const { id } of state.activations) decisions.push({ kind: 'activate', batch: id });
  state.activations.clear();
  for (const batch of starts) decisions.push({ kind: 'start', batch });
  for (const { by, ...cancel } of state.cancels.values())
    decisions.push({ kind: 'cancel', ...cancel, ...(by === undefined ? {} : { by }) });
  state.cancels.clear();
  for (const batch of state.discards) {
    state.batches.delete(batch.id);
    decisions.push({ kind: 'discard', batch: batch.id });
  }
  state.discards.clear();
  decisions.push(...state.later.splice(0), ...finishes);
  remove(state, keeping, decisions);
  return decisions;
}

/** Until nothing follows from anything: what is started now may fail now, and what waits for no time is over at once. */
function settle(state: BookState, newId: () => BatchId): NewStepBatch[] {
  const starts: NewStepBatch[] = [];
  for (let isDone = false; !isDone;) {
    passTime(state);
    admit(state);
    drain(state);
    for (const flow of state.orphaned) removeOrphan(state, flow);
    for (const flow of state.touched) if (flow.toWait !== null) beginWaits(state, flow);
    starts.push(...pack(state, newId));
    drain(state);
    isDone =
      state.ready.length === 0 && state.admitting.size === 0 && !((state.due.peek()?.at ?? Infinity) <= state.now);
    for (const flow of state.touched) if (flow.toWait !== null) isDone = false;
  }
  return starts;
}

/** Everything happens that is due by now. */
export function passTime(state: BookState): void {
  for (let due = state.due.peek(); due !== undefined && due.at <= state.now; due = state.due.peek()) {
    state.due.pop();
    happen(state, due.due);
    drain(state);
  }
}

function happen(state: BookState, due: Due): void {
  switch (due.kind) {
    case 'wait':
      endWait(state, due.flow, due.step, due.wait);
      return;
    case 'until':
      endUntil(state, due.flow, due.step);
      return;
    case 'deadline':
      endByDeadline(state, due.flow, due.run, due.generation);
      return;
    case 'draft':
      discardUnclaimed(state, due.flow);
      return;
    case 'orphan':
      if (!due.flow.removed && due.flow.runs[0] === HELD && !state.parents.has(due.flow.id))
        state.orphaned.add(due.flow);
      return;
    case 'plan': {
      const plan = state.plans.get(due.hash);
      if (plan === undefined || plan.flows > 0 || plan.unusedSince + state.graceMs > state.now) return;
      if (state.needsPlan(due.hash)) {
        state.at(state.now + state.graceMs, due);
        return;
      }
      forgetPlan(state, due.hash);
      state.later.push({ kind: 'remove-plan', plan: due.hash });
      return;
    }
    case 'again':
  }
}

/**
 * Drafts of a flow that has not come are removed together, ten minutes after the newest of them, and the first one first: who
 * starts the flow later finds that one gone, and does not start it.
 */
function discardUnclaimed(state: BookState, flow: BatchId): void {
  const since = state.unclaimed.get(flow) ?? 0;
  if (since + state.graceMs > state.now) {
    state.at(since + state.graceMs, { kind: 'draft', flow });
    return;
  }
  state.unclaimed.delete(flow);
  // Its plan may not be read yet.
  if (state.flows.has(flow)) return;
  const drafts = [...(state.strays.get(flow) ?? [])].filter(({ draft }) => draft !== null);
  for (const batch of drafts.sort((a, b) => (a.id < b.id ? -1 : 1))) state.discards.add(batch);
}

/** A plan is used for the first time: maps with `concurrency` have limits. */
export function declareLimits(state: BookState, plan: KnownPlan, { hash, steps }: PlanIndex): void {
  if (plan.isDeclared) return;
  plan.isDeclared = true;
  for (const { name, step } of steps)
    if (step.kind === 'map' && step.concurrency !== undefined)
      state.limits.push({ kind: 'limit', name: concurrencyLimitName(hash, name), max: step.concurrency });
}

function forgetPlan(state: BookState, hash: string): void {
  for (const { name, step } of state.plans.get(hash)?.index?.steps ?? [])
    if (state.plans.get(hash)?.isDeclared === true && step.kind === 'map' && step.concurrency !== undefined)
      state.limits.push({ kind: 'limit', name: concurrencyLimitName(hash, name), max: null });
  state.plans.delete(hash);
}

function endByDeadline(state: BookState, flow: FlowState, only: number | null, generation: number): void {
  if (flow.removed) return;
  const from = only ?? 0;
  for (let run = from; run < (only === null ? flow.count : from + 1); run++)
    if (isAlive(flow, run) && flow.generation(run) === generation)
      haltRun(state, flow, run, { cause: 'deadline', at: state.now, forcedAt: null });
}

/** The note of a retry takes `finished` out of the header. */
function reopen(state: BookState, keeping: Keeping): void {
  for (const flow of state.reopening) {
    keeping.release(flow);
    flow.finishedAt = null;
  }
  state.reopening.clear();
  for (const flow of state.finished) keeping.keep(flow, flow.finishedAt ?? state.now, flow.runs.includes(FAILED));
  state.finished.clear();
}

function finish(state: BookState, keeping: Keeping, flow: FlowState, finishes: Decision[]): void {
  if (flow.removed || flow.finishedAt !== null) return;
  for (let run = 0; run < flow.count; run++) if (!hasEnded(flow, run)) return;
  flow.finishedAt = state.now;
  keeping.keep(flow, state.now, flow.runs.includes(FAILED));
  finishes.push({ kind: 'finish', flow: flow.id, ...countEnds(flow) });
}

function removeOrphan(state: BookState, flow: FlowState): void {
  state.orphaned.delete(flow);
  const { unpin } = forgetFlow(state, flow);
  state.later.push({ kind: 'remove', flow: flow.id, unpin });
}

function remove(state: BookState, keeping: Keeping, decisions: Decision[]): void {
  for (let removed = 0; removed < MAX_REMOVALS; removed++) {
    const flow = keeping.next(state.now);
    if (flow === null) return;
    keeping.release(flow);
    const by = neededBy(state, flow);
    if (by !== null) {
      // It is looked at again later, in the account of that flow, which goes before it.
      keeping.keep(flow, state.now, by.runs.includes(FAILED));
      return;
    }
    const { unpin, discard } = forgetFlow(state, flow);
    for (const batch of discard) decisions.push({ kind: 'discard', batch });
    decisions.push({ kind: 'remove', flow: flow.id, unpin });
  }
}

/**
 * The flow of the first of the runs that became each other down to this one; null: it is gone, or no task became this run. How
 * their steps have ended stands in these runs alone, and a retry needs it.
 */
function neededBy(state: BookState, flow: FlowState): FlowState | null {
  let by: FlowState | null = null;
  for (let next = state.parents.get(flow.id)?.flow; next?.removed === false; next = state.parents.get(next.id)?.flow)
    by = next;
  return by;
}
