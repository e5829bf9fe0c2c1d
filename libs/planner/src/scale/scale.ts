import { SLOTS, UNIT } from '@drover/core';
import { Looks } from '../slices.js';
import type { State } from '../state.js';
import { advise, type Advised, type LastingMemory, type ScaleMemory } from './advice.js';
import { lineSteps, workerSteps, type KnownWorker, type ScaledPool } from './load.js';
import { needSteps, type SeenWorker } from './need.js';

/** A question for advice. */
export interface ScaleRequest {
  /** By name. */
  readonly pools: ReadonlyMap<string, ScaledPool>;
  /** Of the look before; absent: there was none. */
  readonly memories: ReadonlyMap<string, ScaleMemory | LastingMemory>;
  readonly known: (worker: string) => KnownWorker;
  readonly now: number;
}

/** Advice for each of the pools, by name. Yields after every few looks. */
export function* scaleSteps(state: State, request: ScaleRequest): Generator<void, ReadonlyMap<string, Advised>> {
  const { memories, known, now } = request;
  const advised = new Map<string, Advised>();
  const looks = new Looks();
  const workers = yield* workerSteps(state, known, looks);
  const pools = new Map([...request.pools].map(([name, pool]) => [name, withSlots(name, pool, workers)] as const));
  const lines = yield* lineSteps(state, pools, workers, looks);
  for (const [name, some] of lines) {
    const spec = pools.get(name);
    if (spec === undefined) continue;
    const before = memories.get(name) ?? null;
    const arrivals = (before as ScaleMemory | null)?.arrivals ?? null;
    const { max, drainWithinMs } = spec;
    const options = { pool: name, template: spec.template.resources, max, drainWithinMs };
    const need = yield* needSteps({ lines: some, workers }, arrivals, options, now);
    const ours = workers.filter(({ pool }) => pool === name);
    advised.set(name, advise(before, { pool: name, spec, need, workers: ours, now }));
  }
  return advised;
}

/** A template that does not say how many tasks a worker runs at a time: as many as one of the pool, else one a core. */
function withSlots(name: string, pool: ScaledPool, workers: readonly SeenWorker[]): ScaledPool {
  const { resources } = pool.template;
  if (resources[SLOTS] !== undefined) return pool;
  const one = workers.find((worker) => worker.pool === name)?.capacity[SLOTS];
  const slots = one ?? Math.max(UNIT, Math.floor((resources.cpu ?? UNIT) / UNIT) * UNIT);
  return { ...pool, template: { ...pool.template, resources: { ...resources, [SLOTS]: slots } } };
}
