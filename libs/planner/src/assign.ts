import type { Candidate } from '@drover/strategies';
import { giveDealt, type Dealt } from './give.js';
import type { Lane, QueueState } from './lanes.js';
import type { Command } from './model.js';
import { DEEP_AHEAD, GUIDED_PARTS, HELD_BACK_MS } from './settings.js';
import type { State } from './state.js';
import type { WorkerState } from './workers.js';

/** A plan being made. */
export interface Planning {
  readonly state: State;
  readonly now: number;
  readonly random: () => number;
  readonly commands: Command[];
  /** Assignments that this plan may still make. */
  left: number;
}

/**
 * Hands out what can be handed out: the highest priority first, then the queues by fair turns, their lanes too. A lane
 * whose workers have no room left is out of the contest, so the work is proportional to what is handed out and to the
 * lanes that have something pending.
 */
export function assignPending(planning: Planning): void {
  const { state } = planning;
  giveDealt(planning);
  const contest = openLanes(state);
  const aheadMs = aheadOf(state, contest);
  while (contest.length > 0 && state.dealt.length === 0) {
    const lane = nextLane(state, contest);
    if (lane === null) return;
    if (handOut(planning, lane, { contestants: contest.length, aheadMs }) > 0 && canGoOn(lane)) continue;
    const at = contest.indexOf(lane);
    contest[at] = contest[contest.length - 1] ?? lane;
    contest.pop();
  }
  if (state.dealt.length > 0) state.wake(planning.now);
}

const canGoOn = (lane: Lane): boolean => lane.pending > 0 && lane.queue.allowance > 0;

function openLanes(state: State): Lane[] {
  const lanes: Lane[] = [];
  for (const queue of state.busy)
    if (queue.allowance > 0)
      for (const lane of queue.busy) if (state.workers.offering(lane.type).length > 0) lanes.push(lane);
  return lanes;
}

/**
 * How much work goes ahead of a worker: while much is pending, a sixteenth of the time that all of it will take, so that
 * few assignments carry it, and towards its end as little as hides the way (guided self-scheduling: Polychronopoulos and
 * Kuck, 1987).
 */
function aheadOf({ settings, paces, workers }: State, lanes: readonly Lane[]): number {
  let drainMs = 0;
  for (const { type, pending } of lanes)
    drainMs += (pending * (paces.get(type)?.msPerTask ?? 0)) / workers.offering(type).length;
  return Math.max(settings.aheadMs, Math.min(drainMs / GUIDED_PARTS, settings.aheadMs * DEEP_AHEAD));
}

function nextLane(state: State, contest: readonly Lane[]): Lane | null {
  if (contest.length === 1) return contest[0] ?? null;
  let priority = -Infinity;
  for (const { queue } of contest) priority = Math.max(priority, queue.settings.priority);
  const queues = new Set<QueueState>();
  for (const { queue } of contest) if (queue.settings.priority === priority) queues.add(queue);
  const queue = state.turnsOf(priority).next(queues);
  return queue === null ? null : queue.turns.next(contest.filter((lane) => lane.queue === queue));
}

/** How many lanes want the same room, and how much work a worker is given ahead. */
interface Share {
  contestants: number;
  aheadMs: number;
}

/** Gives tasks of the lane to workers: all that there is room for, or a small part while others wait for the same room. */
function handOut(planning: Planning, lane: Lane, { contestants, aheadMs }: Share): number {
  const { state } = planning;
  const grain = state.grainOf(lane.type, lane.pending, state.workers.offering(lane.type).length);
  const { workers, room } = roomFor(planning, lane, { grain, aheadMs });
  const total = room.reduce((sum, tasks) => sum + tasks, 0);
  if (total === 0) return 0;
  const part = contestants === 1 ? total : Math.max(grain, Math.ceil(total / (PARTS * contestants)));
  const count = Math.min(part, lane.pending, lane.queue.allowance);
  const gifts = divide(planning, workers, room, count, grain);
  workers.forEach((worker, index) => {
    const tasks = gifts[index] ?? 0;
    if (tasks > 0) state.dealt.push({ lane, worker, tasks, grain, aheadMs });
  });
  return giveDealt(planning);
}

/** Who may be given tasks of the lane now, and how many each. A type that is tried out is new to some workers only. */
function roomFor(
  { state, now }: Planning,
  { type }: Lane,
  { grain, aheadMs }: Pick<Dealt, 'grain' | 'aheadMs'>,
): { workers: readonly WorkerState[]; room: number[] } {
  const offering = state.workers.offering(type);
  const probe = state.probeOf(type);
  if (probe === null) return { workers: offering, room: offering.map((worker) => worker.room(type, aheadMs, grain)) };
  const workers: WorkerState[] = [];
  const room: number[] = [];
  let allowance = probe.allowance(now);
  for (const worker of offering) {
    const most = worker.room(type, aheadMs, grain);
    if (!worker.tried(type) && most > 0 && allowance-- <= 0) continue;
    workers.push(worker);
    room.push(most);
  }
  if (workers.length < offering.length) state.wake(probe.growsAt(now));
  return { workers, room };
}

/** Contestants take turns about so many times before the room is used up. */
const PARTS = 4;

/**
 * Who gets how many, by the strategy: first what idle places can run at once, then what is handed out ahead, so that no
 * task waits behind others while a place is free. It divides in grains: tasks that are through before another assignment
 * could be written wait for each other.
 */
function divide(
  { state, now, random }: Planning,
  workers: readonly WorkerState[],
  room: readonly number[],
  count: number,
  grain: number,
): number[] {
  const shown = workers.flatMap((worker, index) => {
    const full = (room[index] ?? 0) === 0;
    return full && stalledFor(worker, now) >= HELD_BACK_MS ? [] : [{ worker, index, room: room[index] ?? 0 }];
  });
  const gifts = workers.map(() => 0);
  let left = count;
  for (const atOnce of [true, false]) {
    if (left === 0) break;
    const candidates = shown.map(({ worker, index, room: most }): Candidate => {
      const { id, capacity, weight } = worker;
      const out = worker.out + (gifts[index] ?? 0);
      const ahead = Math.max(0, most - (gifts[index] ?? 0));
      const free = atOnce ? Math.min(ahead, Math.max(0, capacity - out)) : ahead;
      const [grainsOut, grainsAtOnce] = [Math.ceil(out / grain), Math.ceil(capacity / grain)];
      return { worker: id, free: Math.ceil(free / grain), out: grainsOut, capacity: grainsAtOnce, weight };
    });
    if (!candidates.some(({ free }) => free > 0)) continue;
    const answer = state.strategy.distribute(Math.ceil(left / grain), candidates, random);
    shown.forEach(({ index, room: most }, at) => {
      // A strategy that breaks its laws must not make workers be given more than they can take.
      const grains = Math.max(0, Math.min(Math.floor(answer[at] ?? 0) || 0, candidates[at]?.free ?? 0));
      const given = Math.min(grains * grain, most - (gifts[index] ?? 0), left);
      gifts[index] = (gifts[index] ?? 0) + given;
      left -= given;
    });
  }
  if (left > 0) wakeForHeldBack(state, shown, now);
  return gifts;
}

const stalledFor = (worker: WorkerState, now: number): number => now - worker.lastProgressAt;

/** Something was held back: look again when a full worker that has ended nothing no longer counts. */
function wakeForHeldBack(state: State, shown: readonly { worker: WorkerState; room: number }[], now: number): void {
  for (const { worker, room } of shown)
    if (room === 0) state.wake(Math.max(now + 1, worker.lastProgressAt + HELD_BACK_MS));
}
