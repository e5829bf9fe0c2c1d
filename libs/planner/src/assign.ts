import { indexesOf, type Range } from '@drover/core';
import type { Candidate } from '@drover/strategies';
import type { Assignment } from './assignments.js';
import type { BatchState } from './batch-state.js';
import type { Lane, QueueState, Slice } from './lanes.js';
import { sendSlice } from './ledger.js';
import type { AssignmentFact, Command } from './model.js';
import { DEEP_AHEAD, GUIDED_PARTS, HELD_BACK_MS } from './settings.js';
import type { State } from './state.js';
import type { WorkerState } from './workers.js';

/** A plan being made. */
export interface Planning {
  readonly state: State;
  readonly now: number;
  readonly random: () => number;
  readonly commands: Command[];
}

/**
 * Hands out what can be handed out: the highest priority first, then the queues by fair turns, their lanes too. A lane
 * whose workers have no room left is out of the contest, so the work is proportional to what is handed out and to the
 * lanes that have something pending.
 */
export function assignPending(planning: Planning): void {
  const contest = openLanes(planning.state);
  const aheadMs = aheadOf(planning.state, contest);
  while (contest.length > 0) {
    const lane = nextLane(planning.state, contest);
    if (lane === null) return;
    if (handOut(planning, lane, { contestants: contest.length, aheadMs }) > 0 && canGoOn(lane)) continue;
    const at = contest.indexOf(lane);
    contest[at] = contest[contest.length - 1] ?? lane;
    contest.pop();
  }
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
  const workers = state.workers.offering(lane.type);
  const grain = state.grainOf(lane.type);
  const room = workers.map((worker) => worker.room(lane.type, aheadMs, grain));
  const total = room.reduce((sum, tasks) => sum + tasks, 0);
  if (total === 0) return 0;
  const part = contestants === 1 ? total : Math.max(grain, Math.ceil(total / (PARTS * contestants)));
  const count = Math.min(part, lane.pending, lane.queue.allowance);
  const gifts = divide(planning, workers, room, count, grain);
  let given = 0;
  workers.forEach((worker, index) => {
    given += give(planning, lane, worker, { count: gifts[index] ?? 0, aheadMs, grain });
  });
  if (given === 0) return 0;
  const { queue } = lane;
  state.turnsOf(queue.settings.priority).serve(queue.share, given, queue.settings.weight);
  queue.turns.serve(lane.share, given, 1);
  return given;
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

interface Gift {
  count: number;
  aheadMs: number;
  grain: number;
}

function give(planning: Planning, lane: Lane, worker: WorkerState, { count, aheadMs, grain }: Gift): number {
  const { state } = planning;
  let given = 0;
  while (given < count) {
    const most = Math.min(count - given, worker.slice(lane.type, aheadMs, grain));
    const slice = lane.take(most);
    if (slice === null) break;
    const fact = newAssignment(state, slice, worker, planning.now);
    const assignment = place(state, fact, slice, lane.type, worker, planning.now);
    sendSlice(state, assignment, slice.tasks, slice.count);
    armDeadline(state, assignment, planning.now);
    planning.commands.push({ kind: 'assign', assignment: fact });
    given += slice.count;
  }
  return given;
}

function newAssignment(
  state: State,
  { batch, attempt, tasks }: Slice,
  worker: WorkerState,
  now: number,
): AssignmentFact {
  const id = state.assignmentId(batch.id, state.nextN());
  return { id, worker: worker.id, batch: batch.id, tasks, attempt, at: now };
}

/** Puts an assignment on the books. Its tasks are to be sent out right after. */
export function place(
  state: State,
  fact: AssignmentFact,
  { batch, tasks, count }: Omit<Slice, 'attempt'>,
  type: string,
  worker: WorkerState,
  now: number,
): Assignment {
  const assignment = state.assignments.add({
    fact,
    batch,
    worker,
    type,
    open: 0,
    timeoutMs: longestTimeout(batch, tasks),
    recalled: fact.recall ?? false,
    cancelled: new Set(fact.cancel === undefined ? [] : indexesOf(fact.cancel)),
    revoking: null,
    gone: false,
  });
  worker.gave(type, count, now);
  return assignment;
}

/** Null: some task may take as long as it likes. */
function longestTimeout(batch: BatchState, tasks: readonly Range[]): number | null {
  if (batch.groups.length === 1) return batch.groups[0]?.timeoutMs ?? null;
  let longest = 0;
  for (const index of indexesOf(tasks)) {
    const { timeoutMs } = batch.groupAt(index);
    if (timeoutMs === null) return null;
    longest = Math.max(longest, timeoutMs);
  }
  return longest;
}

/**
 * The worker itself ends what takes too long; this is the net below it: the time for all that is out at the worker to
 * run one after the other, in as many waves as its capacity makes of it, and the grace.
 */
export function armDeadline(state: State, assignment: Assignment, from: number): void {
  const { timeoutMs, worker, seq } = assignment;
  if (timeoutMs === null) return;
  const waves = Math.max(1, Math.ceil(worker.out / Math.max(1, worker.capacity)));
  state.due.add(from + waves * timeoutMs + state.settings.graceMs, { kind: 'deadline', assignment: seq });
}
