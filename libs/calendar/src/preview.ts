import { hash, InvalidArgumentError, parseDuration } from '@drover/core';
import type { Calendar } from './calendar.js';

/** How far after its nominal time a fire is due, in milliseconds. Default of both: 0. */
export interface Spread {
  /** Of the schedule. Needed where one of the two is above 0. */
  name?: string;
  /** A constant delay below it, by a hash of the name. */
  spread?: number;
  /** A delay below it for each fire, by a hash of name and nominal time. */
  jitter?: number;
}

/** A fire: the time that the schedule names, and when it happens. */
export interface Fire {
  nominal: number;
  due: number;
}

const LONGEST_SPREAD_MS = 86_400_000;
const MOST_FIRES = 10_000;

/**
 * When the fire of `nominal` happens: not before it, and before the next nominal time. Every leader says the same.
 * Throws `InvalidArgumentError`: `spread` or `jitter` without a name.
 */
export function dueOf(nominal: number, { name, spread = 0, jitter = 0 }: Spread, calendar: Calendar): number {
  if (spread === 0 && jitter === 0) return nominal;
  if (name === undefined)
    throw new InvalidArgumentError('name', 'spread and jitter follow from the name of the schedule; give a name');
  const room = calendar.afterEnd ? Infinity : (calendar.next(nominal) ?? Infinity) - nominal;
  const constant = delay(name, Math.min(spread, room));
  return nominal + constant + delay(`${name}@${nominal}`, Math.min(jitter, room - constant));
}

function delay(seed: string, windowMs: number): number {
  return windowMs < 1 ? 0 : hash(seed) % windowMs;
}

/** A duration for `spread` or `jitter`, in milliseconds: at most a day. Throws `InvalidArgumentError`. */
export function parseSpread(argument: string, given: unknown): number {
  const ms = parseDuration(argument, given);
  if (ms <= LONGEST_SPREAD_MS) return ms;
  throw new InvalidArgumentError(argument, given, 'at most a day');
}

/** The first `count` fires after `after`, at most 10,000; of `everyAfter` as if each ended when it began. */
export function preview(
  calendar: Calendar,
  { after, count, ...spread }: Spread & { after: number; count: number },
): Fire[] {
  if (!Number.isInteger(count) || count < 1 || count > MOST_FIRES)
    throw new InvalidArgumentError('count', count, `a whole number from 1 to ${MOST_FIRES}`);
  return calendar
    .between(after + 1, Infinity, count)
    .map((nominal) => ({ nominal, due: dueOf(nominal, spread, calendar) }));
}
