import { InvalidArgumentError } from '@drover/core';
import type { Zone } from './zone.js';

const DAY_MS = 86_400_000;
/** The year 9999 ends here: ISO text has four digits a year. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?$/;
const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[T ]([\d:.]+?)(Z|[+-]\d\d:?\d\d)?)?$/i;

const EXPECTED =
  'ISO text (2026-03-29T01:00:00Z; without Z or an offset it is wall time in tz) or milliseconds since 1970';

/** Days since 1970-01-01; `null` for text that is no date. */
export function dayOf(text: string): number | null {
  const [, year, month, day] = DATE.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const ms = Date.UTC(year, month - 1, day);
  return toDate(ms / DAY_MS) === text ? ms / DAY_MS : null;
}

export function toDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Milliseconds since midnight; `null` for text that is no time of the day. `24:00` is the end of the day. */
export function timeOf(text: string): number | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const ms = ((hour * 60 + minute) * 60 + second) * 1_000 + Number((match[4] ?? '').padEnd(3, '0'));
  return minute < 60 && second < 60 && ms <= DAY_MS ? ms : null;
}

/** `given` in milliseconds. Text that names neither `Z` nor an offset is wall time of `zone`. Throws `InvalidArgumentError`. */
export function parseInstant(argument: string, given: unknown, zone: Zone): number {
  const ms = typeof given === 'string' ? fromText(argument, given, zone) : given;
  if (typeof ms === 'number' && Number.isInteger(ms) && ms >= 0 && ms <= LAST_MS) return ms;
  throw new InvalidArgumentError(argument, given, EXPECTED);
}

function fromText(argument: string, text: string, zone: Zone): number | null {
  const [, date = '', time = '00:00', offset] = INSTANT.exec(text) ?? [];
  const [day, ms] = [dayOf(date), timeOf(time)];
  if (day === null || ms === null) return null;
  const wall = day * DAY_MS + ms;
  if (offset !== undefined) return wall - offsetOf(offset);
  const instant = zone.instantOf(wall);
  if (instant === null) throw new InvalidArgumentError(argument, text, 'a date that its time zone had');
  return instant;
}

function offsetOf(text: string): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? [];
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -ms : ms;
}

export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
