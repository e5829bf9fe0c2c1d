import { taskId, type BatchId } from '@drover/core';
import { judge } from '../judge.js';
import {
  CANCELLED,
  END_CODES,
  FAILED,
  HELD,
  isOver,
  OPEN,
  QUEUED,
  RUNNING,
  SKIPPED,
  SUCCEEDED,
  WAITING,
} from './codes.js';
import { endStep, hasEnded, isAlive, outcomeOf } from './ends.js';
import { checkFan, discard } from './fans.js';
import type { FlowState } from './flow-state.js';
import { haltRun, haltWithParent } from './halts.js';
import { startStep } from './starts.js';
import { laneName, type BookState } from './state.js';

/** Goes on until nothing follows from anything. */
export function drain(state: BookState): void {
  for (let work = state.work.pop(); work !== undefined; work = state.work.pop()) {
    if (work.kind === 'judge') judgeStep(state, work.flow, work.run, work.step);
    else if (work.kind === 'policy') applyPolicy(state, work.flow, work.run);
    else if (work.kind === 'fan') checkFan(state, work.flow, work.fan);
    else if (work.kind === 'child') endParentOf(state, work.id);
    else endRun(state, work.flow, work.run);
  }
}

const ENDED = new Map([
  [SUCCEEDED, 'succeeded'],
  [FAILED, 'failed'],
  [CANCELLED, 'cancelled'],
  [SKIPPED, 'skipped'],
] as const);

/** The step begins, is skipped, or goes on waiting. */
export function judgeStep(state: BookState, flow: FlowState, run: number, step: number): void {
  const index = flow.plan?.steps[step];
  if (index === undefined || flow.code(run, step) !== WAITING) return;
  if (!state.isQuiet && flow.runs[run] !== OPEN) return;
  const isFailing = (before: number): boolean => (flow.fans?.get(flow.key(run, before))?.failed ?? 0) > 0;
  if (!index.before.every((before) => isOver(flow.code(run, before))) && !index.before.some(isFailing)) return;
  const at = (name: string): number => flow.plan?.at.get(name) ?? -1;
  const verdict = judge(index.step.after, {
    ended: (name) => ENDED.get(flow.code(run, at(name)) as 3 | 4 | 5 | 6) ?? null,
    label: (name) => flow.label(run, at(name)),
    failing: (name) => isFailing(at(name)),
  });
  state.changed.add(flow);
  if (verdict.kind === 'start') startStep(state, flow, run, step);
  else if (verdict.kind === 'skip') endStep(state, flow, run, step, SKIPPED, verdict.reason);
}

/** A step has failed by which the run fails: the flow says what becomes of the rest. */
export function applyPolicy(state: BookState, flow: FlowState, run: number): void {
  const policy = flow.plan?.plan.onFailure ?? 'continue';
  if (policy === 'continue' || flow.halts?.has(run) === true || !isAlive(flow, run) || state.isQuiet) return;
  haltRun(state, flow, run, { cause: 'policy', at: state.now, forcedAt: null });
}

/** All its steps are over. The end is noted with the next turn. */
export function endRun(state: BookState, flow: FlowState, run: number): void {
  if (state.isQuiet || flow.left[run] !== 0 || !isAlive(flow, run)) return;
  leaveLane(state, flow, run);
  flow.setRun(run, END_CODES[outcomeOf(flow, run).state]);
  flow.ending.push(run);
  state.touched.add(flow);
  state.changed.add(flow);
  if (flow.fans !== null)
    for (const fan of flow.fans.values())
      if (fan.run === run) for (const draft of fan.waiting.splice(0)) discard(state, flow, draft);
  if (flow.header.parent !== undefined) endParent(state, flow);
}

/** The step whose task became this run ends as it does. */
export function endParent(state: BookState, child: FlowState): void {
  const parent = state.parents.get(child.id);
  if (parent === undefined || !hasEnded(child, 0)) return;
  const { flow, run, step } = parent;
  if (flow.code(run, step) !== RUNNING || flow.becomes?.get(flow.key(run, step)) !== child.id) return;
  const reason = child.runs[0] === FAILED ? `run ${taskId(child.id, 0)} failed` : undefined;
  endStep(state, flow, run, step, child.runs[0] ?? FAILED, reason);
}

function endParentOf(state: BookState, id: BatchId): void {
  const child = state.flows.get(id);
  if (child !== undefined) endParent(state, child);
}

/** The run may begin; with `maxRuns` when its turn comes, unless a task became it: that one's run has had its turn. */
export function queueRun(state: BookState, flow: FlowState, run: number): void {
  flow.setRun(run, QUEUED);
  if (flow.plan?.plan.maxRuns === undefined || flow.header.parent !== undefined) openRun(state, flow, run);
  else {
    state.laneOf(flow).queue.push({ flow, run });
    state.admitting.add(laneName(flow));
  }
}

/** A fire of a schedule waits for no earlier one any more. Its deadline may be over by then. */
export function beginFired(state: BookState, flow: FlowState): void {
  flow.waitsForFire = false;
  if (flow.plan === null || flow.runs[0] !== HELD) return;
  queueRun(state, flow, 0);
  const deadlineMs = flow.header.deadlineMs ?? flow.plan.plan.deadlineMs;
  if (deadlineMs !== undefined)
    state.at(flow.submittedAt + deadlineMs, { kind: 'deadline', flow, run: 0, generation: 0 });
}

export function openRun(state: BookState, flow: FlowState, run: number): void {
  flow.setRun(run, OPEN);
  state.laneOf(flow).underWay++;
  for (const [step, { before }] of (flow.plan?.steps ?? []).entries())
    // After a retry what is kept has ended already.
    if (before.length === 0 || flow.generation(run) > 0) state.work.push({ kind: 'judge', flow, run, step });
}

export function leaveLane(state: BookState, flow: FlowState, run: number): void {
  if (flow.runs[run] !== OPEN) return;
  state.laneOf(flow).underWay--;
  state.admitting.add(laneName(flow));
}

/** Lets in runs of flows with `maxRuns`, the oldest first. */
export function admit(state: BookState): void {
  for (const name of state.admitting) {
    state.admitting.delete(name);
    const lane = state.lane(name);
    for (let first = lane.queue.peek(); first !== undefined; first = lane.queue.peek()) {
      const { flow, run } = first;
      const isThere = flow.runs[run] === QUEUED && !flow.removed;
      if (isThere && lane.underWay >= (flow.plan?.plan.maxRuns ?? Infinity)) break;
      lane.queue.pop();
      if (isThere) openRun(state, flow, run);
      drain(state);
    }
  }
}

/** A report of its task says that the step ends as that run ends. */
export function becomeRun(state: BookState, flow: FlowState, run: number, step: number, id: BatchId): void {
  (flow.becomes ??= new Map()).set(flow.key(run, step), id);
  state.parents.set(id, { flow, run, step });
  const child = state.flows.get(id);
  if (child === undefined || child.plan === null || child.runs[0] !== HELD || state.isQuiet) return;
  queueRun(state, child, 0);
  haltWithParent(state, child);
}
