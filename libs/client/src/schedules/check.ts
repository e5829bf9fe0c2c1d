import { InvalidArgumentError, oneOf, parseName } from '@drover/core';
import type { Flow } from '@drover/flow';
import { checkedSpec, OVERLAP_NAMES, parseDates, type Overlap, type ScheduleSpec } from '@drover/schedules';
import type { NamedSchedule } from './api.js';

/** The checks of what is given: by the client before it asks, and by the command line before it connects. */

export interface Checked {
  name: string;
  spec: ScheduleSpec;
  /** Of which its fires start runs; `null`: they do not, or the spec names one that the leader knows. */
  flow: Flow | null;
}

/**
 * All of them. Throws `InvalidArgumentError` that names the entry. `calendars`: `null` before they are known; then schedules that
 * name one are checked in everything else.
 */
export function checkedAll(
  given: readonly unknown[],
  calendars: ReadonlyMap<string, readonly string[]> | null,
  now: number,
): Checked[] {
  const seen = new Set<string>();
  return given.map((each, i) => {
    const entry = given.length === 1 ? '' : entryName(each, i);
    const checked = checkedSpec(each, { entry, calendars, now });
    if (seen.has(checked.name)) throw new InvalidArgumentError('name', `${entry}name: there are two '${checked.name}'`);
    seen.add(checked.name);
    return checked;
  });
}

function entryName(given: unknown, at: number): string {
  const name = typeof given === 'object' && given !== null && 'name' in given ? given.name : undefined;
  return `entry ${at + 1}${typeof name === 'string' ? ` (${name})` : ''}: `;
}

/** Without a server, so named calendars are not looked at. Throws `InvalidArgumentError`. */
export function checkSchedules(given: readonly NamedSchedule[], { now }: { now: number }): void {
  checkedAll(given, null, now);
}

/** Throws `InvalidArgumentError`. */
export const checkOverlap = (given: unknown): Overlap => oneOf('overlap', given, OVERLAP_NAMES);

/** Throws `InvalidArgumentError`. */
export function checkCalendar(name: string, dates: readonly string[]): { name: string; dates: string[] } {
  return { name: parseName('name', name), dates: parseDates('dates', dates) };
}
