import { InvalidArgumentError, parseName } from '@drover/core';
import { isLikeCron, parseCron, patternOf } from './cron.js';
import type { Dates } from './dates.js';
import { dayOf, timeOf } from './text-times.js';
import type { Exclusion } from './when.js';

const DAY_MS = 86_400_000;
const EXPECTED =
  'a date (2026-12-25), dates (2026-12-24..2026-12-31), hours (22:00-06:00), a cron pattern, or { calendar: NAME }';

/** The wall time until which an exclusion takes all times from `wall` on away; `wall` itself where it does not. */
export type Excludes = (wall: number) => number;

/** As it is stored. Throws `InvalidArgumentError`. */
export function parseExclusion(argument: string, given: unknown): Exclusion {
  if (typeof given === 'object' && given !== null && 'calendar' in given && Object.keys(given).length === 1)
    return { calendar: parseName(`${argument}.calendar`, given.calendar) };
  if (typeof given !== 'string') throw new InvalidArgumentError(argument, given, EXPECTED);
  const text = given.trim();
  if (datesIn(text) !== null || hoursIn(text) !== null) return text;
  if (isLikeCron(text)) return parseCron(argument, text);
  throw new InvalidArgumentError(argument, given, EXPECTED);
}

/** Of what `parseExclusion` gave. Throws `InvalidArgumentError`: a calendar that does not exist, `H` without a name. */
export function excludes(
  argument: string,
  exclusion: Exclusion,
  { name, calendars }: { name?: string | undefined; calendars?: ReadonlyMap<string, Dates> | undefined },
): Excludes {
  if (typeof exclusion === 'object') {
    const dates = calendars?.get(exclusion.calendar);
    if (dates !== undefined) return (wall) => (dates.has(Math.floor(wall / DAY_MS)) ? endOfDay(wall) : wall);
    throw new InvalidArgumentError(`${argument}.calendar`, exclusion.calendar, 'the name of a calendar that exists');
  }
  const dates = datesIn(exclusion);
  if (dates !== null) return ofDates(dates);
  const hours = hoursIn(exclusion);
  if (hours !== null) return ofHours(hours);
  const pattern = patternOf(argument, exclusion, name);
  return (wall) => pattern.namedUntil(wall);
}

type Range = readonly [from: number, to: number];

function ofDates([from, to]: Range): Excludes {
  const [start, end] = [from * DAY_MS, (to + 1) * DAY_MS];
  return (wall) => (wall >= start && wall < end ? end : wall);
}

function ofHours([from, to]: Range): Excludes {
  const length = from < to ? to - from : to - from + DAY_MS;
  return (wall) => {
    const since = (((wall - from) % DAY_MS) + DAY_MS) % DAY_MS;
    return since < length ? wall - since + length : wall;
  };
}

/** The first and the last day. */
function datesIn(text: string): Range | null {
  const [from, to = from, ...more] = text.split('..').map((date) => dayOf(date.trim()));
  return typeof from === 'number' && typeof to === 'number' && from <= to && more.length === 0 ? [from, to] : null;
}

/** The end is not included; it may be past midnight. */
function hoursIn(text: string): Range | null {
  const [from, to, ...more] = text.split('-').map((time) => timeOf(time.trim()));
  const isRange = typeof from === 'number' && typeof to === 'number' && more.length === 0;
  return isRange && from !== to && from < DAY_MS ? [from, to] : null;
}

function endOfDay(wall: number): number {
  return (Math.floor(wall / DAY_MS) + 1) * DAY_MS;
}
