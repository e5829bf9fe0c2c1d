import { taskId, type TaskFlow } from '@drover/core';
import { tasksOf, type BatchHeader } from '@drover/protocol';

/** The place of a task in a run, as far as the header of its batch says it: without the name of the flow. */
export type StepOfTask = Omit<TaskFlow, 'name'>;

/** Undefined: the task is no step. Pure. */
export function stepOfTask(
  { of = [], draft }: Pick<BatchHeader, 'of' | 'draft'>,
  index: number,
): StepOfTask | undefined {
  if (draft !== undefined) {
    const { flow, run, step, gen = 0, from } = draft;
    return { run: taskId(flow, run), step, index: from + index, generation: gen };
  }
  let first = 0;
  for (const entry of of) {
    const at = index - first;
    first += tasksOf(entry);
    if (index >= first) continue;
    const { flow, runs, items, step, gen = 0 } = entry;
    return items === undefined
      ? { run: taskId(flow, runs[0] + at), step, generation: gen }
      : { run: taskId(flow, runs[0]), step, index: items[0] + at, generation: gen };
  }
  return undefined;
}
