import type { BatchState, Run } from './batch-state.js';
import type { Lane, QueueState } from './lanes.js';
import type { Group } from './model.js';
import type { State } from './state.js';

/**
 * Which queues and lanes are in memory: those of unfinished batches, and queues with settings. What submitters name is
 * so bounded by what is unfinished, however many names they have used before.
 */

/** The batch has unfinished tasks. `again`: it was finished before, so none of them is new. */
export function enterQueue(state: State, batch: BatchState, again = false): void {
  const queue = state.queueNamed(batch.queueName);
  if (queue.batches++ === 0) state.busyQueues++;
  const runs = runsOf(batch, queue, again);
  batch.enter(queue, runs);
  for (const { lane } of runs)
    if (lane.runs++ === 0) state.lanesOfType.set(lane.type, (state.lanesOfType.get(lane.type) ?? 0) + 1);
}

/** Nothing of it is unfinished any more. */
export function leaveQueue(state: State, batch: BatchState): void {
  const { queue, runs } = batch;
  batch.leave();
  for (const { lane } of runs) if (--lane.runs === 0) forgetLane(state, lane);
  if (--queue.batches > 0) return;
  state.busyQueues--;
  state.releaseQueue(queue);
}

/** How many distinct queues, or types, unfinished tasks have: whichever are more. */
export const namesInUse = (state: State): number => Math.max(state.busyQueues, state.lanesOfType.size);

/** More than so many paces are not kept of types that nobody uses. */
const MOST_PACES = 10_000;

function forgetLane(state: State, lane: Lane): void {
  const { queue, type } = lane;
  queue.lanes.delete(type);
  const left = (state.lanesOfType.get(type) ?? 1) - 1;
  if (left > 0) {
    state.lanesOfType.set(type, left);
    return;
  }
  state.lanesOfType.delete(type);
  if (state.paces.size > MOST_PACES) state.paces.delete(type);
  if (state.probes.size > MOST_PACES) state.probes.delete(type);
}

/** Neighbouring groups that go the same way are one run. */
function runsOf(batch: BatchState, queue: QueueState, again: boolean): readonly Run[] {
  const { groups } = batch;
  const [first] = groups;
  // What most batches are takes no more room than it needs.
  if (first !== undefined && groups.length === 1) return [newRun(batch, queue.lane(first.type), first, 0, again)];
  const runs: Run[] = [];
  let from = 0;
  let delayMs = 0;
  for (const group of groups) {
    const to = from + group.count;
    const last = runs.at(-1);
    if (last?.lane.type === group.type && delayMs === group.delayMs)
      runs[runs.length - 1] = { ...last, to, waiting: again ? 0 : to - last.from };
    else runs.push(newRun(batch, queue.lane(group.type), group, from, again));
    delayMs = group.delayMs;
    from = to;
  }
  return runs;
}

const newRun = (batch: BatchState, lane: Lane, { count, delayMs }: Group, from: number, again: boolean): Run => ({
  batch,
  lane,
  from,
  to: from + count,
  next: again ? from + count : from,
  waiting: again ? 0 : count,
  due: again || delayMs <= 0,
});
