import { toRanges } from '@drover/core';
import type { SignalStep, SleepStep, UntilStep } from '../plan.js';
import { CANCELLED, FAILED, READY, RUNNING, SKIPPED, SUCCEEDED } from './codes.js';
import { endStep, haltOf } from './ends.js';
import { addNote, mutable } from './notes.js';
import { isEmptyMap, startMap, startReduce } from './fans.js';
import type { Fan } from './fan.js';
import type { FlowState, Wait } from './flow-state.js';
import type { KnownBatch } from './known-batch.js';
import type { BookState } from './state.js';

/** A step that is judged to start begins, or ends at once. */
export function startStep(state: BookState, flow: FlowState, run: number, step: number): void {
  const of = flow.plan?.steps[step]?.step;
  if (of === undefined) return;
  switch (of.kind) {
    case 'sleep':
      startSleep(state, flow, run, step, of);
      return;
    case 'until':
      startUntil(state, flow, run, step, of);
      return;
    case 'signal':
      startSignal(state, flow, run, step, of);
      return;
    case 'flow':
      startSubflow(state, flow, run, step, of.of);
      return;
    case 'task':
    case 'map':
    case 'reduce':
      startTasks(state, flow, run, step, of.kind);
  }
}

function startTasks(
  state: BookState,
  flow: FlowState,
  run: number,
  step: number,
  kind: 'task' | 'map' | 'reduce',
): void {
  if (haltOf(flow, run, step) !== null && !isEmptyMap(flow, run, step) && !mayBeOut(state, flow, run, step)) {
    endStep(state, flow, run, step, CANCELLED);
    return;
  }
  if (kind === 'map') startMap(state, flow, run, step);
  else if (kind === 'reduce') startReduce(state, flow, run, step);
  else {
    flow.steps[flow.key(run, step)] = READY;
    if (!state.isQuiet) state.ready.push({ flow, run, step, item: null, generation: flow.generationOf(run, step) });
  }
}

/**
 * Of a map that is folded after its run was cancelled nothing says whether its items had been handed out, unless some have
 * ended. Some may be at workers, so it begins, and is cancelled (`foldFlow`). Drafts of an earlier generation say nothing.
 */
function mayBeOut(state: BookState, flow: FlowState, run: number, step: number): boolean {
  if (!state.isFolding || flow.plan?.steps[step]?.step.kind !== 'map') return false;
  const fan = flow.fans?.get(flow.key(run, step));
  return fan?.drafts.some((draft) => (draft.isActive || !state.isQuiet) && hasItemsIn(fan, draft)) === true;
}

/** Items of the draft are still where they were written. */
function hasItemsIn(fan: Fan, { id, count, entries }: KnownBatch): boolean {
  const from = entries[0]?.item ?? 0;
  for (let item = from; item < from + count; item++) if (fan.taskOf(item)?.batch === id) return true;
  return false;
}

function startSubflow(state: BookState, flow: FlowState, run: number, step: number, of: readonly string[]): void {
  const codes = of.map((name) => flow.code(run, flow.plan?.at.get(name) ?? -1));
  if (codes.some((code) => code === FAILED || code === CANCELLED)) endStep(state, flow, run, step, FAILED);
  else
    endStep(state, flow, run, step, codes.length > 0 && codes.every((code) => code === SKIPPED) ? SKIPPED : SUCCEEDED);
}

/** A step that is over at the moment of a halt has ended by itself. */
function isOverAt(state: BookState, flow: FlowState, run: number, step: number, due: number): boolean {
  const halt = haltOf(flow, run, step);
  return due <= (halt?.at ?? state.now);
}

function startSleep(state: BookState, flow: FlowState, run: number, step: number, { ms }: SleepStep): void {
  const wait = flow.waitOf(run, step);
  if (wait === null) {
    waitFromNow(state, flow, run, step);
    return;
  }
  if (isOverAt(state, flow, run, step, wait.at + ms)) endStep(state, flow, run, step, SUCCEEDED);
  else if (haltOf(flow, run, step) !== null) endStep(state, flow, run, step, CANCELLED);
  else runWait(state, flow, run, step, wait, wait.at + ms);
}

/** Its time begins with the next turn, which notes it. */
function waitFromNow(state: BookState, flow: FlowState, run: number, step: number): void {
  if (haltOf(flow, run, step) !== null) {
    endStep(state, flow, run, step, CANCELLED);
    return;
  }
  flow.steps[flow.key(run, step)] = RUNNING;
  if (state.isQuiet) return;
  const generation = flow.generationOf(run, step);
  flow.toWait ??= new Map();
  const key = `${step}/${generation}`;
  const waits = flow.toWait.get(key);
  if (waits === undefined) flow.toWait.set(key, { step, generation, runs: [run] });
  else waits.runs.push(run);
  state.touched.add(flow);
}

function runWait(state: BookState, flow: FlowState, run: number, step: number, wait: Wait, due: number): void {
  flow.steps[flow.key(run, step)] = RUNNING;
  if (!state.isQuiet) announceWait(state, flow, step, wait, due);
}

function announceWait(state: BookState, flow: FlowState, step: number, wait: Wait, due: number): void {
  if (wait.isAnnounced) return;
  wait.isAnnounced = true;
  state.at(due, { kind: 'wait', flow, step, wait });
}

/** The moment of those that began to wait is noted: they wait from now on. */
export function beginWaits(state: BookState, flow: FlowState): void {
  const waits = [...(flow.toWait?.values() ?? [])];
  flow.toWait = null;
  for (const { step, generation, runs } of waits) {
    const of = flow.plan?.steps[step];
    const still = runs.filter((run) => flow.code(run, step) === RUNNING && flow.generationOf(run, step) === generation);
    const ms = of?.step.kind === 'sleep' ? of.step.ms : of?.step.kind === 'signal' ? of.step.timeoutMs : undefined;
    if (of === undefined || ms === undefined || still.length === 0) continue;
    const ranges = toRanges(still.sort((a, b) => a - b));
    addNote(state, flow, { kind: 'waits', step: of.name, gen: generation, runs: mutable(ranges), at: state.now });
    const wait: Wait = { runs: ranges, generation, at: state.now, isAnnounced: false };
    addWait(flow, step, wait);
    announceWait(state, flow, step, wait, state.now + ms);
  }
}

export function addWait(flow: FlowState, step: number, wait: Wait): void {
  flow.waits ??= new Map();
  const waits = flow.waits.get(step);
  if (waits === undefined) flow.waits.set(step, [wait]);
  else waits.push(wait);
}

/** When the step of a run is due; infinite: a start that named no time for it. */
export function instantOf(flow: FlowState, run: number, step: number, { at }: UntilStep): number {
  if (typeof at === 'number') return at;
  return flow.header.times?.[flow.plan?.steps[step]?.name ?? '']?.[run] ?? Infinity;
}

function startUntil(state: BookState, flow: FlowState, run: number, step: number, of: UntilStep): void {
  const due = instantOf(flow, run, step, of);
  if (due === Infinity) endStep(state, flow, run, step, FAILED, 'whoever started it gave no time for it');
  else if (isOverAt(state, flow, run, step, due)) endStep(state, flow, run, step, SUCCEEDED);
  else if (haltOf(flow, run, step) !== null) endStep(state, flow, run, step, CANCELLED);
  else {
    flow.steps[flow.key(run, step)] = RUNNING;
    if (state.isQuiet) return;
    flow.untils ??= new Map();
    // One entry of the heap for all runs: the soonest of them.
    if (due >= (flow.untils.get(step) ?? Infinity)) return;
    flow.untils.set(step, due);
    state.at(due, { kind: 'until', flow, step });
  }
}

function startSignal(state: BookState, flow: FlowState, run: number, step: number, of: SignalStep): void {
  const key = flow.key(run, step);
  if (flow.signals?.has(key) === true) takeAnswer(state, flow, run, step);
  else if (flow.timeouts?.has(key) === true) timeOut(state, flow, run, step, of);
  else if (haltOf(flow, run, step) !== null) endStep(state, flow, run, step, CANCELLED);
  else if (of.timeoutMs === undefined) flow.steps[key] = RUNNING;
  else {
    const wait = flow.waitOf(run, step);
    if (wait === null) waitFromNow(state, flow, run, step);
    else runWait(state, flow, run, step, wait, wait.at + of.timeoutMs);
  }
}

/** The signal that was given counts. */
export function takeAnswer(state: BookState, flow: FlowState, run: number, step: number): void {
  flow.setLabel(run, step, flow.signals?.get(flow.key(run, step))?.answer ?? null);
  endStep(state, flow, run, step, SUCCEEDED);
}

export function timeOut(state: BookState, flow: FlowState, run: number, step: number, of: SignalStep): void {
  if (of.onTimeout === undefined) endStep(state, flow, run, step, FAILED, 'nobody gave the signal in time');
  else {
    flow.setLabel(run, step, of.onTimeout);
    endStep(state, flow, run, step, SUCCEEDED);
  }
}
