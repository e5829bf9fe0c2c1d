import type { OfRecord, ReadRecord } from '@drover/protocol';
import { reducePlace } from '../reduce-shape.js';
import type { StepKind } from '../plan.js';
import { stepState, SUCCEEDED } from './codes.js';
import { itemsOf } from './fans.js';
import type { FlowState } from './flow-state.js';
import type { StepState } from './model.js';
import type { Places } from './places.js';

/** The places of the results of these steps, for runs `[from, to)`: positions are runs. A step that gave none is not there. */
export function readsOf(flow: FlowState, steps: readonly number[], from: number, to: number): ReadRecord[] {
  return steps.flatMap((step) => {
    const index = flow.plan?.steps[step];
    if (index === undefined) return [];
    if (index.step.kind === 'task') return placesIn(flow.places?.get(step), index.name, from, to);
    const reads: ReadRecord[] = [];
    for (let run = from; run < to; run++) {
      const read = index.step.kind === 'signal' ? signalOf(flow, step, run) : rootOf(flow, step, run);
      if (read !== null) reads.push(read);
    }
    return reads;
  });
}

function signalOf(flow: FlowState, step: number, run: number): ReadRecord | null {
  const given = flow.signals?.get(flow.key(run, step));
  if (given === undefined || flow.code(run, step) !== SUCCEEDED) return null;
  return [flow.plan?.steps[step]?.name ?? '', run, given.note];
}

/** The last task of a reduce. */
function rootOf(flow: FlowState, step: number, run: number): ReadRecord | null {
  const fan = flow.fans?.get(flow.key(run, step));
  const total = fan?.total ?? null;
  if (fan === undefined || total === null || flow.code(run, step) !== SUCCEEDED) return null;
  const task = fan.taskOf(total - 1);
  return task === null ? null : [flow.plan?.steps[step]?.name ?? '', run, task.batch, task.index, 1];
}

const placesIn = (places: Places | undefined, step: string, from: number, to: number): ReadRecord[] =>
  places === undefined
    ? []
    : [...places.within(from, to)].map((place) => [step, place.from, place.batch, place.index, place.to - place.from]);

/** The places of all items of a map: positions are items, and those that failed are among them. */
export function itemsRead(flow: FlowState, step: number, run: number): ReadRecord[] {
  const fan = flow.fans?.get(flow.key(run, step));
  return placesIn(fan?.places, flow.plan?.steps[step]?.name ?? '', 0, fan?.total ?? 0);
}

/** The places of the results of a step of one run, as far as it has got. Positions are items for a map, else runs. */
export interface StepResults {
  readonly kind: StepKind;
  readonly state: StepState;
  readonly reason?: string;
  readonly reads: readonly ReadRecord[];
  /** Items of a map; null: it is none, or nobody knows how many. */
  readonly items: number | null;
}

export function resultsOf(flow: FlowState, run: number, step: number): StepResults {
  const kind = flow.plan?.steps[step]?.step.kind ?? 'task';
  const state = stepState(flow.code(run, step));
  const reason = flow.reason(run, step);
  const isMap = kind === 'map';
  return {
    ...{ kind, state, ...(reason === undefined ? {} : { reason }) },
    reads: isMap ? itemsRead(flow, step, run) : readsOf(flow, [step], run, run + 1),
    items: isMap ? (flow.fans?.get(flow.key(run, step))?.total ?? null) : null,
  };
}

/** Tasks `[from, to)` of a reduce or a map read these: items of the map, tasks of the level below; payloads of items. */
export function partsRead(
  flow: FlowState,
  run: number,
  step: number,
  from: number,
  to: number,
): Pick<OfRecord, 'reads' | 'total'> {
  const index = flow.plan?.steps[step];
  const fan = flow.fans?.get(flow.key(run, step));
  if (index?.step.kind === 'map') return { reads: placesIn(fan?.payloads, index.name, from, to) };
  if (index?.step.kind !== 'reduce') return {};
  const { over, arity } = index.step;
  const total = itemsOf(flow, run, index.step);
  const reads: ReadRecord[] = [];
  const first = reducePlace(total, arity, from);
  const last = reducePlace(total, arity, to - 1);
  if (first.level === 0) {
    const map = flow.fans?.get(flow.key(run, flow.plan?.at.get(over) ?? -1));
    reads.push(...placesIn(map?.places, over, first.from, last.to));
  } else reads.push(...placesIn(fan?.places, index.name, first.from, last.to));
  return { total, reads };
}
