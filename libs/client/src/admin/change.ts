import { checkOptions, InvalidArgumentError, LIMITS, parseDuration, parseName, type Duration } from '@drover/core';
import type { ChangeFields } from './commands.js';

/** How tasks that wait are to be otherwise. At least one must be given; of `delay`, `at` and `now` one at most. */
export interface TaskChange {
  /** From -9 to 9, within the tenant. The tasks go on under new ids. */
  priority?: number | undefined;
  /** Not before this long from now: milliseconds or `5m`. */
  delay?: Duration | undefined;
  /** Not before this time; one that is past means now. */
  at?: Date | undefined;
  /** At once, whatever delay or pause between attempts is left. */
  now?: boolean | undefined;
  /** The tasks go on there, under new ids. */
  queue?: string | undefined;
}

const NAMES = ['priority', 'delay', 'at', 'now', 'queue'];
const DUES = ['delay', 'at', 'now'] as const;

/** Throws `InvalidArgumentError`. */
export function checkChange(change: TaskChange): ChangeFields {
  checkOptions(change, NAMES, 'change');
  const { priority, queue } = change;
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= LIMITS.priority))
    throw new InvalidArgumentError(
      'priority',
      priority,
      `a whole number from -${LIMITS.priority} to ${LIMITS.priority}`,
    );
  const fields: ChangeFields = {
    ...dueOf(change),
    ...(priority === undefined ? {} : { priority }),
    ...(queue === undefined ? {} : { queue: parseName('queue', queue) }),
  };
  if (Object.keys(fields).length === 0)
    throw new InvalidArgumentError('change', change, 'a priority, a delay, at, now or a queue');
  return fields;
}

function dueOf(change: TaskChange): ChangeFields {
  const { delay, at, now } = change;
  if (now !== undefined && typeof now !== 'boolean') throw new InvalidArgumentError('now', now, 'true or false');
  const given = DUES.filter((name) => change[name] !== undefined && change[name] !== false);
  if (given.length > 1) throw new InvalidArgumentError('change', given.join(' and '), 'one of delay, at and now');
  if (delay !== undefined) return { delayMs: parseDuration('delay', delay) };
  if (at === undefined) return now === true ? { delayMs: 0 } : {};
  if (!(at instanceof Date) || Number.isNaN(at.getTime())) throw new InvalidArgumentError('at', at, 'a Date');
  return { dueAt: at.getTime() };
}
