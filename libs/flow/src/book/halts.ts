import type { BatchId } from '@drover/core';
import { CANCELLED, OPEN, QUEUED, READY, RUNNING } from './codes.js';
import { addHalt, endStep, haltOf, isAlive, mayEnd } from './ends.js';
import { cancelFan, closeMap, isOpenMap, keepBegun } from './fans.js';
import type { FlowState, Halt } from './flow-state.js';
import { addNote } from './notes.js';
import type { BookState } from './state.js';

/**
 * Nothing starts in the run any more. The note goes first; then what runs is cancelled, unless the policy of the flow lets
 * it end. False: it was halted before, and no less than so.
 */
export function haltRun(state: BookState, flow: FlowState, run: number, halt: Halt): boolean {
  if (!isAlive(flow, run) || !addHalt(flow, run, halt)) return false;
  const { cause, at, by, reason } = halt;
  addNote(state, flow, {
    kind: 'cancel',
    runs: [[run, run + 1]],
    cause,
    ...(halt.forcedAt !== null ? { force: true as const } : {}),
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    at,
  });
  stopRun(state, flow, run);
  return true;
}

/** Ends, or cancels, what a halt concerns. Also of a run that a new leader finds halted. */
export function stopRun(state: BookState, flow: FlowState, run: number): void {
  if (flow.runs[run] === QUEUED) openQueued(state, flow, run);
  for (let step = 0; step < (flow.plan?.steps.length ?? 0); step++) {
    const halt = haltOf(flow, run, step);
    if (halt === null) continue;
    const code = flow.code(run, step);
    if (code === READY) endStep(state, flow, run, step, CANCELLED);
    else if (code === RUNNING) stopStep(state, flow, run, step, halt);
  }
}

/** Nothing is handed out for it, so it need not wait for its turn. */
function openQueued(state: BookState, flow: FlowState, run: number): void {
  flow.setRun(run, OPEN);
  state.laneOf(flow).underWay++;
  for (const [step, { before }] of (flow.plan?.steps ?? []).entries())
    if (before.length === 0 || flow.generation(run) > 0) state.work.push({ kind: 'judge', flow, run, step });
}

function stopStep(state: BookState, flow: FlowState, run: number, step: number, halt: Halt): void {
  const of = flow.plan?.steps[step]?.step;
  if (of === undefined) return;
  if (of.kind === 'sleep' || of.kind === 'until' || of.kind === 'signal') {
    endStep(state, flow, run, step, CANCELLED);
    return;
  }
  const fan = flow.fans?.get(flow.key(run, step));
  const reason = halt.reason ?? REASONS[halt.cause];
  if (mayEnd(flow, halt)) {
    if (fan !== undefined) keepBegun(state, flow, fan, reason);
    return;
  }
  closeHalted(state, flow, run, step);
  const child = flow.becomes?.get(flow.key(run, step));
  if (fan !== undefined) {
    cancelFan(state, flow, fan, reason, halt.by);
    state.work.push({ kind: 'fan', flow, fan });
  } else if (child !== undefined) cancelChild(state, child, halt);
  else {
    const task = flow.placesOf(step).at(run);
    if (task !== null) state.cancelTask(task, reason, halt.by);
  }
}

/** An open map that is halted has the items that were added so far, and takes no more. No note says so: each leader finds it. */
export function closeHalted(state: BookState, flow: FlowState, run: number, step: number): void {
  const halt = haltOf(flow, run, step);
  const fan = flow.fans?.get(flow.key(run, step));
  if (halt !== null && !mayEnd(flow, halt) && fan?.total === null && isOpenMap(flow, step))
    closeMap(state, flow, fan, undefined);
}

const REASONS: Readonly<Record<Halt['cause'], string>> = {
  asked: 'its run was cancelled',
  deadline: 'the deadline of its run is over',
  policy: 'another step of its run failed',
};

/**
 * The task that became this run may have been halted before the leader knew of it: by a cancel between the report and the
 * reading of it, or of this run. Then it is cancelled as it would have been.
 */
export function haltWithParent(state: BookState, child: FlowState): void {
  const parent = state.parents.get(child.id);
  if (parent?.flow.code(parent.run, parent.step) !== RUNNING) return;
  const halt = haltOf(parent.flow, parent.run, parent.step);
  if (halt !== null && !mayEnd(parent.flow, halt)) cancelChild(state, child.id, halt);
}

/** The run that a task became is cancelled with it. */
function cancelChild(state: BookState, id: BatchId, halt: Halt): void {
  const child = state.flows.get(id);
  if (child === undefined || child.plan === null) return;
  const { at, by, reason } = halt;
  haltRun(state, child, 0, {
    cause: 'asked',
    at,
    forcedAt: halt.forcedAt,
    ...(by === undefined ? {} : { by }),
    reason: reason ?? REASONS[halt.cause],
  });
}
