import { DEFAULT_QUEUE, DEFAULT_TASK_OPTIONS, type TaskOptions } from '@drover/core';
import type { FlowHeader } from '@drover/protocol';
import { concurrencyLimit } from '../book/limits.js';
import type { RunName } from '../book/model.js';
import type { Plan, StepOptions } from '../plan.js';

/**
 * The options of the tasks of a step: of the step, else of the start of the run, else the defaults.
 */
export function optionsOfStep(
  header: Pick<FlowHeader, 'queue' | 'options'>,
  step: { readonly type: string; readonly options?: StepOptions },
): { queue: string; options: TaskOptions } {
  const { queue, ...own } = step.options ?? {};
  const options = { ...DEFAULT_TASK_OPTIONS, ...header.options, ...own, type: step.type } as TaskOptions;
  return { queue: queue ?? header.queue ?? DEFAULT_QUEUE, options };
}

/**
 * The same for the items of a map in one run: they are under the limit that counts them, where only so many are to be out at
 * a time. Throws `RangeError` for a step that is no map of the plan.
 */
export function optionsOfItems(
  plan: Plan,
  name: string,
  header: Pick<FlowHeader, 'queue' | 'options'>,
  run: RunName,
): { queue: string; options: TaskOptions } {
  const step = plan.steps[name];
  if (step?.kind !== 'map') throw new RangeError(`'${name}' is no map of the flow '${plan.name}'`);
  const { queue, options } = optionsOfStep(header, step);
  if (step.concurrency === undefined) return { queue, options };
  const limits = [...(options.limits ?? []), concurrencyLimit(plan.name, name, run)];
  return { queue, options: { ...options, limits } };
}
