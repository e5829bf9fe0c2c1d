import { parseDuration, TASK_OPTIONS, type Duration } from '@drover/core';
import type { Operation } from '@drover/verify';
import type { Work } from '../tasks/choose.js';

type Submitted = Pick<
  Operation,
  'queue' | 'tenant' | 'delayMs' | 'expiresMs' | 'deadlineMs' | 'unique' | 'limits' | 'sequence' | 'onFailure'
>;

/** The options of a task as the history has them. */
export function submittedAs(input: Work['input']): Partial<Submitted> {
  const { queue, tenant, delay, expires, deadline, unique, limits, sequence } = input;
  const timeOf = (name: keyof Submitted, given: Duration | undefined) =>
    given === undefined ? {} : { [name]: parseDuration(name, given) };
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(tenant === undefined ? {} : { tenant }),
    ...timeOf('delayMs', delay),
    ...timeOf('expiresMs', expires),
    ...timeOf('deadlineMs', deadline),
    ...(unique === undefined ? {} : { unique: uniqueAs(unique) }),
    ...(limits === undefined ? {} : { limits: [limits].flat() }),
    ...(sequence === undefined ? {} : sequenceAs(sequence)),
  };
}

function sequenceAs(given: NonNullable<Work['input']['sequence']>): Pick<Submitted, 'sequence' | 'onFailure'> {
  return typeof given === 'string' ? { sequence: given } : { sequence: given.key, onFailure: given.onFailure };
}

/** Whether ZooKeeper's order of the submits matters to a rule. */
export const isOrdered = ({ unique, sequence }: Partial<Work['input']>): boolean => (unique ?? sequence) !== undefined;

/** Times that were not given are left out. */
function uniqueAs(given: NonNullable<Work['input']['unique']>): NonNullable<Operation['unique']> {
  const policy = TASK_OPTIONS.unique.parse('unique', given);
  if (policy === null || policy.mode === 'first') throw new TypeError('tasks with the mode first have a key instead');
  const { key, mode, everyMs, quietMs, maxMs } = policy;
  const times = Object.entries({ everyMs, quietMs, maxMs }).filter(([, ms]) => ms !== null);
  return { key, mode, ...Object.fromEntries(times) };
}
