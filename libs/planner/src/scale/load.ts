import {
  DEFAULT_QUEUE_SETTINGS,
  satisfies,
  SLOTS,
  UNIT,
  type PoolSpec,
  type PoolTemplate,
  type Amounts,
} from '@drover/core';
import type { WorkClass } from '../classes.js';
import { PlacedRoute } from '../placement/placed-route.js';
import type { QueueState } from '../queue-state.js';
import { Looks } from '../slices.js';
import type { State } from '../state.js';
import type { WorkerState } from '../worker-state.js';
import type { ScaleSpec } from './advice.js';
import type { Held, Line, SeenWorker } from './need.js';
import { timesIn } from './packing.js';

/** A pool that is to be scaled: what one more worker would be, for whom it is, and how. */
export interface ScaledPool extends ScaleSpec, Pick<PoolSpec, 'dedicated'> {
  readonly template: PoolTemplate;
}

/** Of a worker: the caller alone knows it. */
export interface KnownWorker {
  readonly since: number;
  readonly isGivenUp: boolean;
}

interface Seen extends SeenWorker {
  readonly state: WorkerState;
}

/** All workers, with what runs there: of each as much as it runs at a time. */
export function* workerSteps(
  state: State,
  known: (id: string) => KnownWorker,
  looks = new Looks(),
): Generator<void, Seen[]> {
  const seen: Seen[] = [];
  for (const worker of state.workers.all()) {
    if (looks.more()) yield;
    if (worker.gone) continue;
    const { id, name, declared, draining, capacity, out } = worker;
    seen.push({
      ...{ id, name, pool: declared.pool, capacity: state.placement.capacityOf(worker), ...known(id) },
      draining: draining || capacity === 0,
      held: heldAt(state, worker),
      isBusy: out > 0,
      state: worker,
    });
  }
  return seen;
}

function heldAt(state: State, { assignments, capacity }: WorkerState): Held[] {
  const held = new Map<string, Held>();
  let places = capacity;
  for (const { sub, open, width, demand } of assignments) {
    const { workClass } = sub;
    const count = Math.min(open, width ?? places);
    if (width === null) places -= count;
    const before = held.get(workClass.key)?.count ?? 0;
    if (count <= 0) continue;
    held.set(workClass.key, {
      ...{ key: workClass.key, demand: demand?.amounts ?? ONE_SLOT, count: before + count },
      meanMs: meanOf(state, workClass.type),
    });
  }
  return [...held.values()];
}

const ONE_SLOT: Amounts = Object.freeze({ [SLOTS]: UNIT });

/** A type of which nobody has told may take any time: others say nothing of it. */
const meanOf = ({ durations }: State, type: string): number | null =>
  durations.knows(type) ? durations.mean(type) : null;

/** Tasks that wait for room, by the pool that would take it: the first one by name. */
export function* lineSteps(
  state: State,
  pools: ReadonlyMap<string, ScaledPool>,
  workers: readonly Seen[],
  looks = new Looks(),
): Generator<void, ReadonlyMap<string, Line[]>> {
  const lines = new Map([...pools.keys()].sort().map((name): [string, Line[]] => [name, []]));
  const typesOf = new Map([...pools].map(([name, pool]) => [name, typesIn(name, pool, workers)] as const));
  /** How many more of a queue may go out at all. */
  const allowances = new Map<QueueState, number>();
  for (const workClass of state.classes.all()) {
    if (looks.more()) yield;
    if (workClass.pending === 0 || workClass.pin !== null) continue;
    const demand = demandOf(state, workClass);
    const pool = [...lines.keys()].find((name) => {
      const spec = pools.get(name);
      return spec !== undefined && mayTake(spec, { name, workClass, demand, types: typesOf.get(name) ?? null });
    });
    if (pool === undefined) continue;
    let pending = 0;
    for (const sub of workClass.subs) {
      if (looks.more()) yield;
      const allowance = allowances.get(sub.queue) ?? sub.queue.allowance;
      const some = Math.min(sub.ready, sub.allowance, allowance);
      allowances.set(sub.queue, allowance - some);
      pending += some;
    }
    if (pending > 0)
      lines.get(pool)?.push({
        ...{ key: workClass.key, demand, pending, meanMs: meanOf(state, workClass.type) },
        fits: (worker) => fits(workClass, (worker as Seen).state),
      });
  }
  return lines;
}

/** Of a worker: without what only the whole system has. */
function demandOf({ placement }: State, workClass: WorkClass): Amounts {
  if (workClass.placement === null) return ONE_SLOT;
  return Object.fromEntries(
    Object.entries(workClass.placement.demand).filter(([name, amount]) => amount > 0 && !placement.isFloating(name)),
  );
}

/** Null: any. */
function typesIn(name: string, { template }: ScaledPool, workers: readonly Seen[]): ReadonlySet<string> | null {
  if (template.types !== null) return new Set(template.types);
  const ours = workers.filter(({ pool }) => pool === name);
  return ours.length === 0 ? null : new Set(ours.flatMap(({ state }) => [...state.kind.types]));
}

/** One more worker of the pool could run it. */
function mayTake(
  { template, dedicated }: ScaledPool,
  {
    name,
    workClass,
    demand,
    types,
  }: { name: string; workClass: WorkClass; demand: Amounts; types: ReadonlySet<string> | null },
): boolean {
  if (types?.has(workClass.type) === false || timesIn(template.resources, demand) === 0) return false;
  const { placement } = workClass;
  const account = placement?.account ?? DEFAULT_QUEUE_SETTINGS.account;
  if (dedicated?.includes(account) === false) return false;
  if (placement === null) return true;
  if (placement.pool !== null && placement.pool !== name) return false;
  return satisfies(placement.where, { ...template.labels, pool: name });
}

function fits(workClass: WorkClass, worker: WorkerState): boolean {
  const { route } = workClass;
  if (!(route instanceof PlacedRoute)) return worker.mayRun(workClass);
  return worker.placed !== null && worker.placed.of.groups.has(route.group) && route.group.suits(worker.placed);
}
