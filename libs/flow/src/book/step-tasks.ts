import { taskId } from '@drover/core';
import { CANCELLED, FAILED, isOver, SUCCEEDED } from './codes.js';
import type { Fan } from './fan.js';
import type { FlowState } from './flow-state.js';
import type { StepTask, StepTaskFilter, StepTaskPage } from './model.js';

/** Items that one page looks at: some milliseconds of the leader's thread. */
const MOST_LOOKED_AT = 100_000;

const IS: Readonly<Record<NonNullable<StepTaskFilter['state']>, (code: number) => boolean>> = {
  unfinished: (code) => !isOver(code),
  succeeded: (code) => code === SUCCEEDED,
  failed: (code) => code === FAILED,
  cancelled: (code) => code === CANCELLED,
};

/** The tasks of a step of a run, in the order of its items; those that are not handed out yet have none. Null: there is no such step. */
export function stepTasks(flow: FlowState, run: number, name: string, filter: StepTaskFilter): StepTaskPage | null {
  const step = flow.plan?.at.get(name);
  if (step === undefined) return null;
  const fan = flow.fans?.get(flow.key(run, step)) ?? null;
  return fan === null ? taskOf(flow, run, step, filter) : tasksOf(fan, filter);
}

function taskOf(flow: FlowState, run: number, step: number, { state, from = 0 }: StepTaskFilter): StepTaskPage {
  const task = flow.places?.get(step)?.at(run) ?? null;
  const isShown = task !== null && from === 0 && (state === undefined || IS[state](flow.code(run, step)));
  return { tasks: isShown ? [{ id: taskId(task.batch, task.index), index: null }] : [], next: null };
}

function tasksOf(fan: Fan, { state, from = 0, limit }: StepTaskFilter): StepTaskPage {
  const tasks: StepTask[] = [];
  const end = Math.min(fan.size, from + MOST_LOOKED_AT);
  for (let item = from; item < end; item++) {
    if (state !== undefined && !IS[state](fan.code(item))) continue;
    const task = fan.taskOf(item);
    if (task === null) continue;
    if (tasks.length === limit) return { tasks, next: item };
    tasks.push({ id: taskId(task.batch, task.index), index: item });
  }
  return { tasks, next: end < fan.size ? end : null };
}
