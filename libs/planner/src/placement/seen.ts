import { failing, isDevice, UNIT } from '@drover/core';
import type { WorkClass } from '../classes.js';
import type { WorkerState } from '../worker-state.js';
import { PlacedRoute } from './placed-route.js';
import type { PlacedWorker } from './placed-worker.js';
import type { Placement } from './placement.js';

/** Workers that conditions shut out, each condition counted by itself; of resources and labels by name. */
interface PlacementSeen {
  /** Could take a task of the class if they were empty. */
  readonly feasible: number;
  /** Have less of a resource than a task needs, even empty. */
  readonly lacks: Readonly<Record<string, number>>;
  /** Do not meet the condition on a label. */
  readonly label: Readonly<Record<string, number>>;
  /** Are in another pool, or in one that is dedicated to other accounts. */
  readonly pool: number;
  readonly pressed: number;
  /** Could take it, and have too little of a resource free. */
  readonly full: Readonly<Record<string, number>>;
}

/** How the workers look to a class that has a placement. */
export function placementSeen(
  placement: Placement,
  workClass: WorkClass,
  workers: readonly WorkerState[],
): PlacementSeen | null {
  const { placement: of, route } = workClass;
  if (of === null || !(route instanceof PlacedRoute)) return null;
  const lacks: Record<string, number> = {};
  const label: Record<string, number> = {};
  const full: Record<string, number> = {};
  let feasible = 0;
  let pool = 0;
  let pressed = 0;
  for (const worker of workers) {
    const { placed } = worker;
    if (placed === null) continue;
    const lacking = shortOf(route, (name) => amountAt(worker, name, true));
    for (const name of lacking) count(lacks, name);
    const failed = new Set(failing(of.where, placed.labels));
    for (const each of failed) count(label, each);
    const isOther = !placement.mayEnter(of, worker.declared.pool);
    pool += Number(isOther);
    pressed += Number(worker.pressed);
    if (lacking.length > 0 || failed.size > 0 || isOther || !worker.mayRun(workClass) || !worker.isUsable) continue;
    feasible++;
    for (const name of shortOf(route, (each) => amountAt(worker, each, false))) count(full, name);
  }
  return { feasible, lacks, label, pool, pressed, full };
}

/** Of a worker that offers the type. */
export function placedVerdict(
  route: PlacedRoute,
  member: PlacedWorker,
): 'other-pool' | 'label' | 'lacks' | 'full' | 'eligible' {
  const { group } = route;
  const { worker } = member;
  if (!member.of.groups.has(group) || !group.suits(member))
    return failing(group.where.where, member.labels).length > 0 ? 'label' : 'other-pool';
  if (shortOf(route, (name) => amountAt(worker, name, true)).length > 0) return 'lacks';
  return route.fits(member) ? 'eligible' : 'full';
}

/** Resources of which less is there than the demand of the route. */
const shortOf = ({ demand }: PlacedRoute, amountOf: (name: string, needs: number) => number): string[] =>
  Object.entries(demand.amounts)
    .filter(([name, needs]) => needs > 0 && amountOf(name, needs) < needs)
    .map(([name]) => name);

function amountAt({ placed, capacity, freeSlots }: WorkerState, name: string, isEmpty: boolean): number {
  if (name === 'slots') return (isEmpty ? capacity : freeSlots) * UNIT;
  const all = placed?.capacity[name] ?? 0;
  if (isEmpty || placed === null) return all;
  const devices = isDevice(name) ? placed.devices.get(name) : undefined;
  // Of devices a task needs whole ones, or a part of one.
  if (devices !== undefined) return Math.max(devices.whole, Math.min(devices.part, UNIT - 1));
  return placed.freeOf(name);
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
