import { InvalidArgumentError } from '@drover/core';
import { dayOf } from './text-times.js';

/** Dates of a named calendar, compiled: many schedules share one. Days are numbered from 1970-01-01. */
export interface Dates {
  has(day: number): boolean;
}

const MOST_DATES = 10_000;

/**
 * The dates of a named calendar as they are stored: `2026-12-25`, ascending, each once; 10,000 at most.
 * Throws `InvalidArgumentError`, which names the date.
 */
export function parseDates(argument: string, given: unknown): string[] {
  if (!Array.isArray(given)) throw new InvalidArgumentError(argument, given, 'a list of dates such as 2026-12-25');
  if (given.length > MOST_DATES)
    throw new InvalidArgumentError(argument, `${given.length} dates`, `at most ${MOST_DATES}`);
  const dates = given.map((date: unknown, index) => {
    if (typeof date === 'string' && dayOf(date) !== null) return date;
    throw new InvalidArgumentError(`${argument}[${index}]`, date, 'a date such as 2026-12-25');
  });
  return [...new Set(dates)].sort();
}

/** Of what `parseDates` gave. */
export function datesOf(dates: readonly string[]): Dates {
  return new Set(dates.map(dayOf).filter((day) => day !== null));
}
