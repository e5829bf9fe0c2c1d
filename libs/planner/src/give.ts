import { indexesOf, type Range } from '@drover/core';
import type { Planning } from './assign.js';
import type { Assignment } from './assignments.js';
import type { BatchState } from './batch-state.js';
import type { Lane, Slice } from './lanes.js';
import { sendSlice } from './ledger.js';
import type { AssignmentFact } from './model.js';
import type { State } from './state.js';
import type { WorkerState } from './workers.js';

/** So many tasks of the lane are the worker's by the strategy's word. */
export interface Dealt {
  readonly lane: Lane;
  readonly worker: WorkerState;
  readonly tasks: number;
  readonly grain: number;
  /** How much work goes ahead, as it was when they were dealt. */
  readonly aheadMs: number;
}

/**
 * Makes assignments of what was dealt. A plan makes `MAX_ASSIGNMENTS` of them at most, so that dealing to very many
 * workers does not hold up everything else; the rest stays dealt, in its order, and the next plan begins with it. What
 * has become impossible meanwhile is dropped: the tasks are pending still.
 */
export function giveDealt(planning: Planning): number {
  const { state } = planning;
  let total = 0;
  for (let next = state.dealt.shift(); next !== undefined; next = state.dealt.shift()) {
    const { lane, worker } = next;
    const may = worker.eligible && worker.types.has(lane.type);
    const tasks = may ? Math.min(next.tasks, lane.pending, lane.queue.allowance) : 0;
    const given = give(planning, { ...next, tasks });
    total += given;
    if (given < tasks && planning.left === 0) {
      state.dealt.unshift({ ...next, tasks: tasks - given });
      break;
    }
  }
  return total;
}

function give(planning: Planning, { lane, worker, tasks, grain, aheadMs }: Dealt): number {
  const { state, now } = planning;
  const { queue, type } = lane;
  const tried = worker.tried(type);
  let given = 0;
  while (given < tasks && planning.left > 0) {
    const most = Math.min(tasks - given, worker.slice(type, aheadMs, grain));
    const slice = lane.take(most);
    if (slice === null) break;
    const fact = newAssignment(state, slice, worker, now);
    const assignment = place(state, fact, slice, type, worker, now);
    sendSlice(state, assignment, slice.tasks, slice.count);
    armDeadline(state, assignment, now);
    planning.commands.push({ kind: 'assign', assignment: fact });
    planning.left--;
    given += slice.count;
  }
  if (given === 0) return 0;
  if (!tried) state.probeOf(type)?.gave();
  state.turnsOf(queue.settings.priority).serve(queue.share, given, queue.settings.weight);
  queue.turns.serve(lane.share, given, 1);
  return given;
}

export function newAssignment(
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
    handedBack: new Set(),
    cancelled: new Set(fact.cancel === undefined ? [] : indexesOf(fact.cancel)),
    suspects: null,
    isAlone: false,
    lostIn: null,
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
