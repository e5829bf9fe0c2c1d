import { checkOptions, parseName, TASK_OPTIONS, type SubmitOptions } from '@drover/core';
import { STEP_OPTION_FIELDS, type StepOptions } from '../plan.js';

const OPTIONS = Object.entries(TASK_OPTIONS).filter(([, { field }]) =>
  (STEP_OPTION_FIELDS as readonly string[]).includes(field),
);

/** Options of tasks that a step may say: as for `submit`, without those that say when a task begins. */
export type StepTaskOptions = Pick<
  SubmitOptions,
  | 'queue'
  | 'tenant'
  | 'priority'
  | 'maxAttempts'
  | 'timeout'
  | 'heartbeat'
  | 'expires'
  | 'deadline'
  | 'retry'
  | 'limits'
>;
export const STEP_TASK_OPTIONS: readonly string[] = ['queue', ...OPTIONS.map(([name]) => name)];

/** As fields of records. `others`: options that the step has besides. Throws `InvalidArgumentError`. */
export function toStepOptions(
  given: Readonly<Record<string, unknown>>,
  others: readonly string[],
  argument: string,
): { options?: StepOptions } {
  checkOptions(given, [...others, ...STEP_TASK_OPTIONS], argument);
  const options: Record<string, unknown> = {};
  if (given.queue !== undefined) options.queue = parseName(`${argument}.queue`, given.queue);
  for (const [name, { field, parse }] of OPTIONS) {
    const value = given[name];
    if (value !== undefined && value !== null)
      options[field] = (parse as (argument: string, given: unknown) => unknown)(`${argument}.${name}`, value);
  }
  return Object.keys(options).length === 0 ? {} : { options };
}
