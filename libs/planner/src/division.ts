import type { Candidate } from '@drover/strategies';
import { refreshKeys, takeFrom } from './aside.js';
import { armDeadline, costOf, newAssignment, place } from './assignments.js';
import type { WorkClass } from './classes.js';
import { sendSlice } from './ledger.js';
import { DEEP_AHEAD, GUIDED_PARTS, HELD_BACK_MS, SHOWN_FOR_EACH, SHOWN_WORKERS } from './settings.js';
import { minChunkOf, turnChunkOf, type Probe } from './speed.js';
import type { Planning, State } from './state.js';
import type { Slice, SubQueue } from './sub-queue.js';
import { placeNext } from './placement/place.js';
import { PlacedRoute } from './placement/placed-route.js';
import { PinnedRoute, type Route } from './routes.js';
import type { WorkerState } from './worker-state.js';

/** So many tasks of the sub-queue are the worker's, as the strategy has divided. */
export interface Allocation {
  readonly sub: SubQueue;
  readonly worker: WorkerState;
  readonly tasks: number;
  readonly minChunk: number;
  /** How much work goes ahead, as it was when they were allocated. */
  readonly aheadMs: number;
}

/**
 * Hands out what can be handed out: whoever is first in the contest is given its share of the room, until nobody is
 * left in it or the plan has made its assignments. So the work is proportional to what is handed out.
 */
export function assignPending(planning: Planning): void {
  const { state } = planning;
  state.aheadMs = aheadOf(state);
  state.contest.begin(planning.now);
  giveAllocated(planning);
  for (let sub = next(planning); sub !== null; sub = next(planning)) {
    const { route } = sub.workClass;
    const given = route instanceof PlacedRoute ? placeNext(planning, sub, route, mostOf(sub)) : handOut(planning, sub);
    if (given > 0) state.placement.offers.served(sub.queue.account);
    if (given === 0 && route.isOpen) state.contest.closeUntilNextPlan(sub.workClass);
    if (state.limits.changed.size > 0) refreshKeys(state);
  }
  if (state.allocations.length > 0 || isSpent(planning)) state.wake(planning.now);
}

/** Null: there is nobody, or enough for one plan. */
function next(planning: Planning): SubQueue | null {
  const { allocations, contest, placement } = planning.state;
  if (allocations.length > 0 || isSpent(planning)) return null;
  const { offers } = placement;
  for (;;) {
    offers.make();
    const sub = contest.first();
    if (sub !== null || !offers.giveUp()) return sub;
  }
}

/** The plan has made its assignments, or has looked long enough for workers with room. */
const isSpent = ({ left, steps }: Planning): boolean => left <= 0 || steps.left <= 0;

/**
 * How much work goes ahead of a worker: while much is pending, a sixteenth of the time that all of it will take, so
 * that few assignments carry it, and towards its end as little as hides the round trip (guided self-scheduling:
 * Polychronopoulos and Kuck, 1987). Only classes of which something has changed are added up again.
 */
function aheadOf(state: State): number {
  const { classes, settings } = state;
  for (const workClass of classes.stale.splice(0)) {
    const { type, pending, route } = workClass;
    const ms =
      pending === 0 || route.eligible === 0 ? 0 : (pending * (state.speeds.msPerTask(type) ?? 0)) / route.eligible;
    state.drainMs += ms - workClass.drainMs;
    workClass.drainMs = ms;
    workClass.isStale = false;
  }
  if (state.tally.pending === 0) state.drainMs = 0;
  return Math.max(settings.aheadMs, Math.min(state.drainMs / GUIDED_PARTS, settings.aheadMs * DEEP_AHEAD));
}

/** Contestants take turns about so many times before the room is used up. */
const PARTS = 4;

/** Gives tasks to workers: all that there is room for, or a small part while others wait for the same room. */
function handOut(planning: Planning, sub: SubQueue): number {
  const { state, now } = planning;
  // Tasks that claim resources may have gone to some of the workers.
  state.workers.refresh(state.aheadMs);
  const { workClass } = sub;
  const { type, route } = workClass;
  const { aheadMs } = state;
  const msPerTask = state.speeds.msPerTask(type);
  const scale = { workers: route.eligible, aheadMs: state.settings.aheadMs };
  const minChunk = minChunkOf(msPerTask, { pending: sub.ready, ...scale });
  const most = mostOf(sub);
  const contestants = route.standing + route.size + workClass.size;
  const chunk =
    contestants <= 1 ? minChunk : turnChunkOf(msPerTask, { pending: workClass.pending, ...scale }, minChunk);
  const isNeverAhead = sub.guard?.isNeverAhead === true;
  const roomAt = (worker: WorkerState): number => {
    const all =
      route instanceof PinnedRoute
        ? worker.roomForPinned(route, aheadMs, minChunk)
        : worker.roomFor(type, aheadMs, minChunk);
    return isNeverAhead ? Math.min(all, worker.placesFor(type)) : all;
  };
  const { workers, count } = shownFor(planning, route, { most, minChunk: chunk, contestants, roomAt });
  // One that is pinned can be tried out nowhere else.
  const probe = workClass.pin === null ? state.speeds.probeOf(type) : null;
  const shown = probe === null ? workers : admitted(state, workers, { workClass, probe, now });
  const room = shown.map(roomAt);
  if (sub.guard !== null && !isNeverAhead) keepSpare(sub, shown, room);
  const total = room.reduce((sum, tasks) => sum + tasks, 0);
  if (total === 0) return 0;
  const part = contestants <= 1 ? total : Math.max(chunk, Math.ceil(total / (PARTS * contestants)));
  const gifts = divide(planning, shown, room, { type, count: Math.min(count ?? part, most), minChunk: chunk });
  shown.forEach((worker, index) => {
    const tasks = gifts[index] ?? 0;
    if (tasks > 0) state.allocations.push({ sub, worker, tasks, minChunk, aheadMs });
  });
  return giveAllocated(planning);
}

/** Tasks of it that may go out now. */
const mostOf = ({ ready, allowance, guard }: SubQueue): number =>
  Math.min(ready, allowance, guard === null ? Infinity : guard.room);

/**
 * Tasks that are under a limit go ahead only while it has room for every idle place besides: one that waits at a worker
 * must not keep another from running.
 */
function keepSpare(sub: SubQueue, workers: readonly WorkerState[], room: number[]): void {
  const { head, guard, workClass } = sub;
  if (guard === null || head === null) return;
  let ahead = Math.max(0, guard.roomLike(head.batch, head.index) - workClass.route.idlePlaces(workClass.type));
  workers.forEach((worker, index) => {
    const idle = worker.placesFor(workClass.type);
    const more = Math.min(ahead, Math.max(0, (room[index] ?? 0) - idle));
    ahead -= more;
    room[index] = Math.min(room[index] ?? 0, idle + more);
  });
}

interface Wanted {
  readonly most: number;
  readonly minChunk: number;
  readonly contestants: number;
  roomAt: (worker: WorkerState) => number;
}

/**
 * The workers that the strategy is to choose from, and how many tasks it may divide; null: by the room of those shown.
 * If very many have room, and the strategy takes any, it is shown some: four for each part, so that the choice costs
 * the same however many workers there are.
 */
function shownFor(
  { state }: Planning,
  route: Route,
  { most, minChunk, contestants, roomAt }: Wanted,
): { workers: readonly WorkerState[]; count: number | null } {
  if (state.strategy.takesAny !== true) return { workers: [...route.everybody()], count: null };
  if (route.roomy <= SHOWN_WORKERS) return { workers: route.all, count: null };
  let count = most;
  if (contestants > 1) {
    const few = route.some(SHOWN_FOR_EACH);
    const total = (few.reduce((sum, worker) => sum + roomAt(worker), 0) / few.length) * route.roomy;
    count = Math.min(most, Math.max(minChunk, Math.ceil(total / (PARTS * contestants))));
  }
  return { workers: route.some(SHOWN_FOR_EACH * Math.ceil(count / minChunk)), count };
}

/** A type that is tried out is new to some workers only. */
function admitted(
  state: State,
  workers: readonly WorkerState[],
  { workClass, probe, now }: { workClass: WorkClass; probe: Probe<WorkerState>; now: number },
): readonly WorkerState[] {
  const { type } = workClass;
  let allowance = probe.allowance(now);
  const some = workers.filter((worker) => worker.tried(type) || worker.room === 'full' || allowance-- > 0);
  if (some.length === workers.length) return workers;
  state.wake(probe.growsAt(now));
  // Some that were tried have room again, and were not among those that are shown.
  return some.length > 0 ? some : probe.tried.filter((worker) => worker.hasRoom && worker.mayRun(workClass));
}

/**
 * The strategy says who gets how many: first what idle places can run at once, then what is handed out ahead, so that
 * no task waits behind others while a place is free. It divides in chunks: tasks that are through before another
 * assignment could be written wait for each other.
 */
function divide(
  { state, now, random }: Planning,
  workers: readonly WorkerState[],
  room: readonly number[],
  { type, count, minChunk }: { type: string; count: number; minChunk: number },
): number[] {
  const shown: number[] = [];
  workers.forEach((worker, index) => {
    if ((room[index] ?? 0) > 0 || stalledFor(worker, now) < HELD_BACK_MS) shown.push(index);
  });
  const gifts = workers.map(() => 0);
  let left = count;
  for (const atOnce of [true, false]) {
    if (left === 0) break;
    const candidates = shown.map((index): Candidate => {
      const worker = workers[index] as WorkerState;
      const { id, capacity, weight, out: before } = worker;
      const given = gifts[index] ?? 0;
      const out = before + given;
      const ahead = Math.max(0, (room[index] ?? 0) - given);
      const free = atOnce ? Math.min(ahead, Math.max(0, worker.placesFor(type) - given)) : ahead;
      return {
        worker: id,
        free: Math.ceil(free / minChunk),
        out: Math.ceil(out / minChunk),
        capacity: Math.ceil(capacity / minChunk),
        weight,
      };
    });
    if (!candidates.some(({ free }) => free > 0)) continue;
    const answer = state.strategy.distribute(Math.ceil(left / minChunk), candidates, random);
    shown.forEach((index, at) => {
      // A strategy that breaks its laws must not make workers be given more than they can take.
      const chunks = Math.max(0, Math.min(Math.floor(answer[at] ?? 0) || 0, candidates[at]?.free ?? 0));
      const given = Math.min(chunks * minChunk, (room[index] ?? 0) - (gifts[index] ?? 0), left);
      gifts[index] = (gifts[index] ?? 0) + given;
      left -= given;
    });
  }
  if (left > 0) wakeForHeldBack(state, workers, room, now);
  return gifts;
}

const stalledFor = (worker: WorkerState, now: number): number => now - worker.lastProgressAt;

/** Something was held back: look again when a full worker that has ended nothing no longer counts. */
function wakeForHeldBack(state: State, workers: readonly WorkerState[], room: readonly number[], now: number): void {
  workers.forEach((worker, index) => {
    if ((room[index] ?? 0) > 0 || stalledFor(worker, now) >= HELD_BACK_MS) return;
    state.wake(Math.max(now + 1, worker.lastProgressAt + HELD_BACK_MS));
  });
}

/**
 * Makes assignments of what was allocated. A plan makes `MAX_ASSIGNMENTS` of them at most, so that dividing among very
 * many workers does not hold up everything else; the rest stays allocated, in its order, and the next plan begins with
 * it. Allocations that have become impossible meanwhile are dropped: the tasks are pending still.
 */
function giveAllocated(planning: Planning): number {
  const { state } = planning;
  let total = 0;
  for (let next = state.allocations.shift(); next !== undefined; next = state.allocations.shift()) {
    const { sub, worker } = next;
    const may = worker.mayTake(sub.workClass) && worker.mayRun(sub.workClass);
    const idle = sub.guard?.isNeverAhead === true ? worker.placesFor(sub.workClass.type) : Infinity;
    const tasks = may ? Math.min(next.tasks, mostOf(sub), idle) : 0;
    const given = tasks === 0 ? 0 : give(planning, next, tasks);
    total += given;
    if (given < tasks && planning.left === 0) {
      state.allocations.unshift({ ...next, tasks: tasks - given });
      break;
    }
  }
  state.workers.refresh(state.aheadMs);
  return total;
}

/** Of one under limits a slice is for idle places, or goes ahead: then its keys must have room to spare. */
function nextSlice(state: State, sub: SubQueue, worker: WorkerState, most: number): Slice | null {
  if (sub.guard === null) return sub.take(most);
  const idle = worker.placesFor(sub.workClass.type);
  return idle > 0
    ? takeFrom(state, sub, Math.min(most, idle), 0)
    : takeFrom(state, sub, most, sub.workClass.route.idlePlaces(sub.workClass.type));
}

function give(planning: Planning, { sub, worker, minChunk, aheadMs }: Allocation, tasks: number): number {
  const { state, now, commands } = planning;
  const { workClass } = sub;
  const { type } = workClass;
  const tried = worker.tried(type);
  let given = 0;
  while (given < tasks && planning.left > 0) {
    const slice = nextSlice(state, sub, worker, Math.min(tasks - given, worker.slice(type, aheadMs, minChunk)));
    if (slice === null) break;
    const fact = newAssignment(state, slice, worker, now);
    const assignment = place(state, { fact, batch: slice.batch, sub, worker });
    sendSlice(state, assignment, slice, now);
    armDeadline(state, assignment, now);
    sub.guard?.start(slice.batch, slice.tasks);
    commands.push({ kind: 'assign', assignment: fact });
    planning.left--;
    given += slice.count;
  }
  if (given === 0) return 0;
  if (!tried) state.speeds.probeOf(type)?.tried.push(worker);
  state.contest.serve(sub, given, costOf(state, sub, given));
  return given;
}
