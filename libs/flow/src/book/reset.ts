import { toRanges } from '@drover/core';
import { FAILED, CANCELLED, isOver, SKIPPED, SUCCEEDED, WAITING } from './codes.js';
import { Fan } from './fan.js';
import type { FlowState } from './flow-state.js';

/** The steps that a retry of a run starts again, or lets wait again; null: there are none. */
export function stepsToReset(flow: FlowState, run: number, from: number | null): Set<number> | null {
  const steps = flow.plan?.steps ?? [];
  const roots = new Set<number>();
  for (let step = 0; step < steps.length; step++) {
    const code = flow.code(run, step);
    if (from === null ? code === FAILED || code === CANCELLED : step === from) roots.add(step);
  }
  if (roots.size === 0) return null;
  const reset = new Set(roots);
  const below = new Set(roots);
  for (const step of flow.plan?.order ?? []) {
    const index = steps[step];
    if (index === undefined || roots.has(step) || !index.before.some((each) => below.has(each))) continue;
    below.add(step);
    const { kind, finally: isFinally } = index.step;
    if (from !== null || flow.code(run, step) === SKIPPED || isFinally === true || kind === 'flow') reset.add(step);
  }
  return reset;
}

/** The run is retried: these steps wait again, as generation `generation`. A step that has succeeded stays, unless it runs again. */
export function resetRun(flow: FlowState, run: number, steps: ReadonlySet<number>, from: number | null): void {
  const generation = flow.generation(run) + 1;
  (flow.generations ??= new Uint16Array(flow.count))[run] = generation;
  flow.halts?.delete(run);
  for (const step of steps) {
    const key = flow.key(run, step);
    const code = flow.steps[key] ?? WAITING;
    resetFan(flow, run, step, steps, from);
    // A signal that nobody has used yet waits for its step still.
    if (code === SUCCEEDED || code === FAILED) flow.signals?.delete(key);
    flow.timeouts?.delete(key);
    flow.reasons?.delete(key);
    flow.becomes?.delete(key);
    if (flow.labels?.has(step) === true) flow.setLabel(run, step, null);
    (flow.stepGenerations ??= new Map()).set(key, generation);
    if (isOver(code)) flow.left[run] = (flow.left[run] ?? 0) + 1;
    flow.steps[key] = WAITING;
  }
}

function resetFan(flow: FlowState, run: number, step: number, steps: ReadonlySet<number>, from: number | null): void {
  const key = flow.key(run, step);
  const fan = flow.fans?.get(key);
  const of = flow.plan?.steps[step]?.step;
  if (fan === undefined || of === undefined) return;
  const source = of.kind === 'reduce' ? of.over : of.kind === 'map' && 'step' in of.items ? of.items.step : null;
  if (source !== null && steps.has(flow.plan?.at.get(source) ?? -1)) {
    // Other items than before.
    const fresh = new Fan(run, step);
    fresh.before = fan.before ?? new Set();
    if (fan.by !== null) fresh.before.add(fan.by);
    fresh.waiting = fan.waiting;
    flow.fans?.set(key, fresh);
    return;
  }
  fan.isStarted = false;
  fan.isDecided = false;
  const again: number[] = [];
  for (let item = 0; item < fan.size; item++) if (fan.code(item) !== SUCCEEDED || from !== null) again.push(item);
  // Drafts that were never handed out are still to be: their items are where they were.
  const unused = new Set(fan.drafts.filter(({ isActive }) => !isActive).map(({ id }) => id));
  for (const item of again) fan.set(item, WAITING);
  for (const [first, end] of toRanges(again.filter((item) => !unused.has(fan.taskOf(item)?.batch ?? ''))))
    fan.places.clear(first, end);
}
