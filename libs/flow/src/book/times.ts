import { toRanges } from '@drover/core';
import { RUNNING, SUCCEEDED } from './codes.js';
import { endStep, isAlive } from './ends.js';
import type { FlowState, Wait } from './flow-state.js';
import { addNote, mutable } from './notes.js';
import { instantOf, timeOut } from './starts.js';
import type { BookState } from './state.js';

/** The time of these runs is over: a sleep has ended; a signal that did not come in time is noted. */
export function endWait(state: BookState, flow: FlowState, step: number, wait: Wait): void {
  const of = flow.plan?.steps[step];
  if (of === undefined || flow.removed) return;
  const late: number[] = [];
  for (const [from, to] of wait.runs)
    for (let run = from; run < to; run++) {
      if (!isAlive(flow, run) || flow.code(run, step) !== RUNNING || flow.waitOf(run, step) !== wait) continue;
      if (of.step.kind === 'sleep') endStep(state, flow, run, step, SUCCEEDED);
      else late.push(run);
    }
  if (of.step.kind !== 'signal' || late.length === 0) return;
  flow.timeouts ??= new Set();
  for (const run of late) flow.timeouts.add(flow.key(run, step));
  const { generation: gen } = wait;
  addNote(state, flow, { kind: 'timeout', step: of.name, gen, runs: mutable(toRanges(late)), at: state.now });
  for (const run of late) timeOut(state, flow, run, step, of.step);
}

/** The soonest instant of a step is there; the next one of its runs is looked for. */
export function endUntil(state: BookState, flow: FlowState, step: number): void {
  const of = flow.plan?.steps[step]?.step;
  if (of?.kind !== 'until' || flow.removed) return;
  let soonest = Infinity;
  for (let run = 0; run < flow.count; run++) {
    if (!isAlive(flow, run) || flow.code(run, step) !== RUNNING) continue;
    const due = instantOf(flow, run, step, of);
    if (due <= state.now) endStep(state, flow, run, step, SUCCEEDED);
    else soonest = Math.min(soonest, due);
  }
  flow.untils?.delete(step);
  if (soonest === Infinity) return;
  flow.untils?.set(step, soonest);
  state.at(soonest, { kind: 'until', flow, step });
}
