import {
  checkOptions,
  InvalidArgumentError,
  LIMITS,
  parseName,
  parsePriority,
  parseWithinYear,
  type Duration,
} from '@drover/core';
import type { ChangeFields } from './commands.js';

/** How tasks that wait are to be otherwise. At least one must be given; of `delay`, `at` and `now` one at most. */
export interface TaskChange {
  /** From -9 to 9, within the tenant. The tasks go on under new ids. */
  priority?: number | undefined;
  /** Not before this long from now: milliseconds or `5m`, a year at most. */
  delay?: Duration | undefined;
  /** Not before this time, a year ahead at most; one that is past means now. */
  at?: Date | undefined;
  /** At once, whatever delay or pause between attempts is left. */
  now?: boolean | undefined;
  /** The tasks go on there, under new ids. */
  queue?: string | undefined;
}

const NAMES = ['priority', 'delay', 'at', 'now', 'queue'];
const DUES = ['delay', 'at', 'now'] as const;

/** Throws `InvalidArgumentError`. */
export function checkChange(change: TaskChange, now: number): ChangeFields {
  checkOptions(change, NAMES, 'change');
  const { priority, queue } = change;
  const fields: ChangeFields = {
    ...dueOf(change, now),
    ...(priority === undefined ? {} : { priority: parsePriority('priority', priority) }),
    ...(queue === undefined ? {} : { queue: parseName('queue', queue) }),
  };
  if (Object.keys(fields).length === 0)
    throw new InvalidArgumentError('change', change, 'a priority, a delay, at, now or a queue');
  return fields;
}

function dueOf(change: TaskChange, from: number): ChangeFields {
  const { delay, at, now } = change;
  if (now !== undefined && typeof now !== 'boolean') throw new InvalidArgumentError('now', now, 'true or false');
  const given = DUES.filter((name) => change[name] !== undefined && change[name] !== false);
  if (given.length > 1) throw new InvalidArgumentError('change', given.join(' and '), 'one of delay, at and now');
  if (delay !== undefined) return { delayMs: parseWithinYear('delay', delay) };
  if (at === undefined) return now === true ? { delayMs: 0 } : {};
  if (!(at instanceof Date) || Number.isNaN(at.getTime())) throw new InvalidArgumentError('at', at, 'a Date');
  if (at.getTime() - from > LIMITS.retryDelayMs) throw new InvalidArgumentError('at', at, 'a year ahead at most');
  return { dueAt: at.getTime() };
}
