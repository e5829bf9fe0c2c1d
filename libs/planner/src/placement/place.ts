import { takeFrom } from '../aside.js';
import { armDeadline, costOf, newAssignment, place } from '../assignments.js';
import type { WorkClass } from '../classes.js';
import { sendSlice } from '../ledger.js';
import type { AssignmentFact } from '../model.js';
import { minChunkOf } from '../speed.js';
import { mostAtOnce } from '../quantum.js';
import { fillerFor } from '../reserve.js';
import type { Planning, State } from '../state.js';
import type { SubQueue } from '../sub-queue.js';
import { choose, type Choice } from './choose.js';
import type { Demand } from './dimensions.js';
import type { PlacedRoute } from './placed-route.js';
import type { HeldDevices, PlacedWorker } from './placed-worker.js';

/**
 * Hands tasks of the sub-queue, which goes to the route, to one worker that has room for them. Nothing but what runs there
 * claims room, so of short tasks more go along than run at once: as many as hide the round trip. If nobody has room the route
 * is parked. Returns how many went out; 0 too if the plan has looked for long enough.
 */
export function placeNext(planning: Planning, sub: SubQueue, route: PlacedRoute, most: number): number {
  const { contest, placement, rooms } = planning.state;
  const { offers } = placement;
  const { grown } = route;
  const given = placeAtOne(planning, sub, route, most);
  if (grown !== null) {
    offers.answered(grown);
    // To look for another worker would be in vain.
    if (given > 0 && rooms.size === 0 && offers.areAllDue(route)) placement.park(route);
  }
  contest.waitAtRoute(sub);
  return given;
}

function placeAtOne(planning: Planning, sub: SubQueue, route: PlacedRoute, most: number): number {
  const { state, steps } = planning;
  const kept = keptFor(state, sub.workClass, route);
  const choice = (planning.choice ??= choiceOf(planning));
  if (route.ties !== null) choice.since = sub.since;
  const chosen = kept ?? choose(route, choice);
  const filler = chosen === null ? fillerFor(state, sub.workClass, planning.now) : null;
  const member = chosen ?? filler;
  if (member === null) {
    if (steps.left > 0 && !isKeptForOthers(state, route, planning.now)) state.placement.park(route);
    if (route.waitsUntil !== null && route.waitsUntil < Infinity) state.wake(route.waitsUntil);
    return 0;
  }
  const room =
    filler !== null
      ? route.timesKept(filler.worker)
      : kept === null
        ? Math.min(route.times(member), widthOf(state, sub, route, member))
        : Math.min(route.timesKept(member.worker), state.rooms.keptFor(member.worker)?.times ?? 0);
  const width = Math.min(most, mostAtOnce(state, sub), room);
  const isFree = chosen !== null && kept === null;
  const given = width < 1 ? 0 : give(planning, sub, { route, member, width, most: isFree ? most : width });
  if (given > 0) {
    route.parkedAt = null;
    route.hasGone = true;
  }
  if (kept !== null) state.rooms.used(state, kept.worker, given);
  return given;
}

/** Of a plan. */
export function choiceOf({ state, now, random, steps }: Planning): Choice {
  const { placement } = state;
  const packed = new Set([...placement.pools].filter(([, { policy }]) => policy === 'pack').map(([name]) => name));
  const packsIn = packed.size === 0 ? () => false : (pool: string) => packed.has(pool);
  return { now, random, steps, packs: packsIn, warmth: placement.warmth, since: 0 };
}

/** A worker that is kept for the class, and has the room now. */
function keptFor({ rooms }: State, workClass: WorkClass, route: PlacedRoute): PlacedWorker | null {
  if (rooms.size === 0) return null;
  for (const { worker } of rooms.of(workClass)) if (route.timesKept(worker) > 0) return worker.placed;
  return null;
}

/** Nobody else has room, but another class of the route has: the route is not closed before its turn has come. */
function isKeptForOthers(state: State, route: PlacedRoute, now: number): boolean {
  if (state.rooms.size === 0) return false;
  for (const workClass of route.classes)
    if (
      workClass.hasPending &&
      (keptFor(state, workClass, route) !== null || fillerFor(state, workClass, now) !== null)
    )
      return true;
  return false;
}

const packs = ({ placement }: State, pool: string): boolean => placement.pools.get(pool)?.policy === 'pack';

/** A worker whose pool packs is filled; else each gets its part of what is pending. */
function widthOf(state: State, sub: SubQueue, { group, ties, placement }: PlacedRoute, { of }: PlacedWorker): number {
  // Each counts where the next one goes.
  if (ties !== null && ties.rules.length > 0) return 1;
  if (placement.sticky !== null) return Infinity;
  if (packs(state, of.pool)) return Infinity;
  return Math.max(1, Math.floor(sub.ready / Math.max(1, group.eligible)));
}

interface Gift {
  readonly route: PlacedRoute;
  readonly member: PlacedWorker;
  readonly width: number;
  readonly most: number;
}

function give(planning: Planning, sub: SubQueue, { route, member, width, most }: Gift): number {
  const { state, now, commands } = planning;
  const { worker } = member;
  const isFree = sub.guard === null && (route.ties === null || route.ties.rules.length === 0);
  const count = Math.min(most, isFree ? countOf(state, sub, { route, member, width }) : width);
  const slice = sub.guard === null ? sub.take(count) : takeFrom(state, sub, count, 0);
  if (slice === null) return 0;
  const grant = grantOf(sub, route.demand, member, Math.min(width, slice.count));
  const fact: AssignmentFact = Object.assign(newAssignment(state, slice, worker, now), grant);
  const assignment = place(state, { fact, batch: slice.batch, sub, worker });
  sendSlice(state, assignment, slice, now);
  member.write();
  state.countPlaced(member.of.pool, slice.count);
  armDeadline(state, assignment, now);
  sub.guard?.start(slice.batch, slice.tasks);
  commands.push({ kind: 'assign', assignment: fact });
  planning.left--;
  state.contest.serve(sub, slice.count, costOf(state, sub, slice.count));
  return slice.count;
}

/** Tasks that go along: what hides the round trip, but no more than its part while others have room. */
function countOf(state: State, sub: SubQueue, { route, member, width }: Omit<Gift, 'most'>): number {
  const { type } = sub.workClass;
  const msPerTask = state.speeds.msPerTask(type);
  if (msPerTask === null) return width;
  const scale = { pending: sub.ready, workers: route.group.eligible, aheadMs: state.settings.aheadMs };
  const minChunk = minChunkOf(msPerTask, scale);
  const part = Math.max(minChunk, Math.floor(sub.ready / Math.max(1, route.group.eligible)));
  return Math.max(width, Math.min(part, member.worker.slice(type, state.aheadMs, minChunk)));
}

/** The part of the worker that the assignment claims. */
export function grantOf(
  sub: SubQueue,
  demand: Demand,
  member: PlacedWorker,
  width: number,
): Pick<AssignmentFact, 'width' | 'use' | 'devices'> {
  const { placement } = sub.workClass;
  // The worker knows the options of its tasks.
  const use = placement?.isQueued === true || demand.isPart ? demand.amounts : null;
  if (use === null && demand.devices.length === 0) return { width };
  const devices = member.takeDevices(demand, width) ?? [];
  member.releaseDevices(devices);
  return { width, ...(use !== null && { use }), ...(devices.length > 0 && { devices: namesOf(devices) }) };
}

const namesOf = (held: HeldDevices): Record<string, readonly string[]> =>
  Object.fromEntries(held.map(([resource, names]) => [resource, names]));
