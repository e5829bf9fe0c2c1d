import { DEFAULT_QUEUE, taskId } from '@drover/core';
import type { ReadRecord } from '@drover/protocol';
import { reduceTasks } from '../reduce-shape.js';
import { CANCELLED, FAILED, isOver, QUEUED, RUNNING, runState, stepState, SUCCEEDED, WAITING } from './codes.js';
import { hasEnded, haltOf } from './ends.js';
import type { Fan } from './fan.js';
import { itemsOf } from './fans.js';
import type { FlowState } from './flow-state.js';
import type { FiredRun, RunSummary, RunView, StepView, WaitsFor } from './model.js';
import { readsOf } from './reads.js';
import { instantOf } from './starts.js';
import { inOrder, type BookState } from './state.js';

const SHOWN_TASKS = 10;
const MOST_AHEAD = 20_000;
/** Items of a map that are looked at for some that have tasks. */
const LOOKED_AT = 10_000;

export function viewOf(state: BookState, flow: FlowState, run: number): RunView {
  const summary = summaryOf(flow, run);
  const turn = turnOf(state, flow, run);
  const steps = (flow.plan?.steps ?? []).map(({ name }, step): [string, StepView] => [
    name,
    stepView(state, flow, run, step, turn),
  ]);
  const isGood = flow.runs[run] === SUCCEEDED;
  const output: ReadRecord[] = isGood ? readsOf(flow, flow.plan?.output ?? [], run, run + 1) : [];
  return { ...summary, plan: flow.header.plan, steps: Object.fromEntries(steps), output };
}

export function summaryOf(flow: FlowState, run: number): RunSummary {
  const phase = flow.runs[run] ?? 0;
  const end = hasEnded(flow, run) ? flow.endOf(run) : null;
  const halt = flow.halts?.get(run);
  const reason = end?.reason ?? halt?.reason;
  return {
    run: taskId(flow.id, run),
    flow: flow.header.name,
    queue: queueOf(flow),
    state: runState(phase),
    ...(reason === undefined ? {} : { reason }),
    startedAt: flow.submittedAt,
    endedAt: end?.at ?? null,
  };
}

export const queueOf = ({ header }: FlowState): string => header.queue ?? DEFAULT_QUEUE;

/** `turn`: all steps of the run wait for it; null: none does. */
export function stepView(
  state: BookState,
  flow: FlowState,
  run: number,
  step: number,
  turn: WaitsFor | null,
): StepView {
  const of = flow.plan?.steps[step]?.step;
  const code = flow.code(run, step);
  const fan = flow.fans?.get(flow.key(run, step)) ?? null;
  const counted = of?.kind === 'map' || of?.kind === 'reduce';
  const reason = reasonOf(flow, run, step);
  const label = flow.label(run, step);
  const waitsFor = turn ?? waitsOf(state, flow, run, step);
  return {
    kind: of?.kind ?? 'task',
    state: stepState(code),
    done: counted ? (fan?.done ?? 0) : isOver(code) ? 1 : 0,
    of: counted ? countOf(flow, run, step, fan) : 1,
    failed: counted ? (fan?.failed ?? 0) : code === FAILED ? 1 : 0,
    ...(reason === undefined ? {} : { reason }),
    ...(label === null ? {} : { label }),
    generation: flow.generationOf(run, step),
    tasks: tasksOf(flow, run, step, fan),
    ...(waitsFor === null ? {} : { waitsFor }),
  };
}

function countOf(flow: FlowState, run: number, step: number, fan: Fan | null): number | null {
  const of = flow.plan?.steps[step];
  const total = fan?.total ?? null;
  if (total !== null) return total;
  if (of?.step.kind === 'map' && 'given' in of.step.items)
    return flow.header.maps?.find(([name, at]) => at === run && name === of.name)?.[2] ?? 0;
  if (of?.step.kind !== 'reduce') return null;
  const map = flow.fans?.get(flow.key(run, flow.plan?.at.get(of.step.over) ?? -1));
  return (map?.total ?? null) === null ? null : reduceTasks(itemsOf(flow, run, of.step), of.step.arity);
}

function reasonOf(flow: FlowState, run: number, step: number): string | undefined {
  const reason = flow.reason(run, step);
  if (reason !== undefined || flow.code(run, step) !== CANCELLED) return reason;
  const halt = haltOf(flow, run, step);
  if (halt === null) return undefined;
  if (halt.cause === 'policy') return 'another step failed';
  return halt.cause === 'deadline' ? 'the deadline of the run is over' : (halt.reason ?? 'the run was cancelled');
}

/** The failed ones first. */
function tasksOf(flow: FlowState, run: number, step: number, fan: Fan | null): string[] {
  if (fan === null) {
    const task = flow.places?.get(step)?.at(run) ?? null;
    return task === null ? [] : [taskId(task.batch, task.index)];
  }
  const failed = fan.failedItems(SHOWN_TASKS);
  const others: number[] = [];
  for (let item = 0; item < Math.min(fan.size, LOOKED_AT) && others.length < SHOWN_TASKS - failed.length; item++)
    if (fan.code(item) !== FAILED && fan.taskOf(item) !== null) others.push(item);
  return [...failed, ...others].slice(0, SHOWN_TASKS).flatMap((item) => {
    const task = fan.taskOf(item);
    return task === null ? [] : [taskId(task.batch, task.index)];
  });
}

/** The reason that keeps a step from starting, or from ending; null: nothing but its tasks. */
export const whyWaits = (state: BookState, flow: FlowState, run: number, step: number): WaitsFor | null =>
  turnOf(state, flow, run) ?? waitsOf(state, flow, run, step);

/** Null: the run waits neither for its turn nor for an earlier fire. */
export function turnOf(state: BookState, flow: FlowState, run: number): WaitsFor | null {
  if (flow.waitsForFire && !hasEnded(flow, run)) return { kind: 'fire', schedule: flow.header.fire?.schedule ?? '' };
  return flow.runs[run] === QUEUED ? { kind: 'turn', ahead: aheadOf(state, flow, run) } : null;
}

function waitsOf(state: BookState, flow: FlowState, run: number, step: number): WaitsFor | null {
  const of = flow.plan?.steps[step];
  if (of === undefined || hasEnded(flow, run)) return null;
  const code = flow.code(run, step);
  if (code === WAITING) {
    const steps = of.before
      .filter((before) => !isOver(flow.code(run, before)))
      .map((before) => {
        const fan = flow.fans?.get(flow.key(run, before)) ?? null;
        const kind = flow.plan?.steps[before]?.step.kind;
        const isCounted = kind === 'map' || kind === 'reduce';
        const count = isCounted ? countOf(flow, run, before, fan) : 1;
        return { step: flow.plan?.steps[before]?.name ?? '', done: fan?.done ?? 0, of: count };
      });
    return steps.length === 0 ? null : { kind: 'steps', steps };
  }
  if (code !== RUNNING) return null;
  const wait = flow.waitOf(run, step);
  switch (of.step.kind) {
    case 'sleep':
      return { kind: 'time', until: (wait?.at ?? state.now) + of.step.ms };
    case 'until':
      return { kind: 'time', until: instantOf(flow, run, step, of.step) };
    case 'signal': {
      const until = of.step.timeoutMs === undefined ? null : (wait?.at ?? state.now) + of.step.timeoutMs;
      return { kind: 'signal', answers: of.step.answers ?? [], until };
    }
    default:
      return null;
  }
}

/** Runs of its name that wait and go first. Of very many that wait only these are looked at: there are as many ahead at least. */
function aheadOf(state: BookState, flow: FlowState, run: number): number {
  const { data } = state.lane(flow.header.name).queue;
  let ahead = 0;
  for (const other of data.slice(0, MOST_AHEAD))
    if (other.flow.runs[other.run] === QUEUED && inOrder(other, { flow, run }) < 0) ahead++;
  return ahead;
}

/** Null: it is no fire of a schedule. */
export function firedRun(flow: FlowState): FiredRun | null {
  const { fire } = flow.header;
  if (fire === undefined) return null;
  const { state, endedAt } = summaryOf(flow, 0);
  return { flow: flow.id, fire, state, waits: flow.waitsForFire && !hasEnded(flow, 0), endedAt };
}
