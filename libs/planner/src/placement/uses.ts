import { SLOTS, UNIT, type Amounts, type Where } from '@drover/core';
import type { WorkClass } from '../classes.js';
import type { State } from '../state.js';
import type { WorkerState } from '../worker-state.js';
import { workersFor, type WorkersSeen } from '../workers-seen.js';
import type { PlacedRoute } from './placed-route.js';

/** The resources of all workers of a pool together, in thousandths and bytes. */
export interface PoolUse {
  readonly pool: string;
  readonly workers: number;
  /**
   * `capacity`: that may be claimed. `used`: processors and memory that workers say they use, as of when each told something last; one that
   * has no tasks is taken to use no processors. Of a resource, or a worker, of which nobody tells it is what is claimed.
   */
  readonly resources: Readonly<Record<string, { capacity: number; claimed: number; used: number }>>;
}

/** All pools that have a worker which may be given work. Looks at each worker. */
export function poolUses({ workers, placement, used }: State): PoolUse[] {
  const pools = new Map<string, { workers: number; resources: Map<string, Sum> }>();
  for (const worker of workers.all()) {
    if (!worker.isUsable) continue;
    const { pool } = worker.declared;
    const of = pools.get(pool) ?? { workers: 0, resources: new Map<string, Sum>() };
    pools.set(pool, of);
    of.workers++;
    for (const [name, amount] of Object.entries(placement.capacityOf(worker))) {
      const sum = of.resources.get(name) ?? { capacity: 0, claimed: 0, used: 0 };
      const claimed = claimedAt(worker, name);
      sum.capacity += amount;
      sum.claimed += claimed;
      sum.used += usedAt(used.get(worker.id), worker, name) ?? claimed;
      of.resources.set(name, sum);
    }
  }
  return [...pools]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pool, { workers: count, resources }]) => ({
      pool,
      workers: count,
      resources: Object.fromEntries(resources),
    }));
}

interface Sum {
  capacity: number;
  claimed: number;
  used: number;
}

function claimedAt(worker: WorkerState, name: string): number {
  if (name !== SLOTS) return worker.placed?.claimed.get(name) ?? 0;
  return Math.max(0, worker.capacity - Math.max(0, worker.freeSlots)) * UNIT;
}

function usedAt(told: Amounts | undefined, { out }: WorkerState, name: string): number | undefined {
  return name === 'cpu' && out === 0 && told?.cpu !== undefined ? 0 : told?.[name];
}

/** A class of tasks that has no worker with room. */
export interface StuckClass {
  readonly queue: string;
  readonly type: string;
  readonly account: string;
  readonly pool: string | null;
  readonly pending: number;
  /** Milliseconds since 1970; null: not known. */
  readonly sinceMs: number | null;
  readonly state: 'parked' | 'unplaceable';
  /** A code of `why`. */
  readonly reason: string;
  readonly resources: Amounts | null;
  readonly where: Where | null;
  readonly workers: Pick<WorkersSeen, 'total' | 'filtered'> & { readonly feasible: number };
}

export interface StuckClasses {
  readonly shown: StuckClass[];
  readonly leftOut: number;
  readonly parked: number;
  readonly unplaceable: number;
  readonly unplaceableTasks: number;
}

/** Those with pending tasks, the unplaceable ones first; `most` of them. */
export function stuckClasses(state: State, most: number): StuckClasses {
  const unplaceable = [...waitingAt(state.placement.unplaceable)];
  const all = [...waitingAt(state.placement.parked)];
  const parked = all.filter(({ route }) => route.unplaceableSince === null);
  const shown = [...unplaceable, ...parked].slice(0, most).map((each) => stuck(state, each));
  return {
    shown,
    leftOut: unplaceable.length + parked.length - shown.length,
    parked: parked.length,
    unplaceable: unplaceable.length,
    unplaceableTasks: unplaceable.reduce((sum, { workClass }) => sum + workClass.pending, 0),
  };
}

interface Waiting {
  readonly route: PlacedRoute;
  readonly workClass: WorkClass;
}

function* waitingAt(routes: Iterable<PlacedRoute>): Generator<Waiting> {
  for (const route of routes)
    for (const workClass of route.classes) if (workClass.hasPending) yield { route, workClass };
}

function stuck(state: State, { route, workClass }: Waiting): StuckClass {
  const { placement, type } = workClass;
  const [sub] = workClass.subs;
  const { total, filtered, usable } = workersFor(state, workClass);
  const isUnplaceable = route.unplaceableSince !== null;
  return {
    queue: sub?.queue.name ?? '',
    type,
    account: placement?.account ?? '',
    pool: placement?.pool ?? null,
    pending: [...workClass.subs].reduce((sum, { pending }) => sum + pending, 0),
    sinceMs: route.unplaceableSince ?? route.parkedAt,
    state: isUnplaceable ? 'unplaceable' : 'parked',
    reason: isUnplaceable ? 'unplaceable' : 'parked',
    resources: placement?.demand ?? null,
    where: placement?.where ?? null,
    workers: { total, feasible: usable, filtered },
  };
}
