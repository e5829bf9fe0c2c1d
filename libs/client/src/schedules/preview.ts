import { checkOptions, InvalidArgumentError, parseName } from '@drover/core';
import { isoTime } from '@drover/protocol';
import { checkTimes, previewOf } from '@drover/schedules';
import type { FireTime, ScheduleInput, Schedules } from './api.js';

const MOST = 1_000;

/** Without a server: `calendars` are those that the schedule may name. Throws `InvalidArgumentError`. */
export function previewSchedule(
  spec: Parameters<Schedules['preview']>[0],
  options: Parameters<Schedules['preview']>[1] & { now: number },
  calendars: ReadonlyMap<string, readonly string[]> = new Map(),
): FireTime[] {
  const { after, count, ...named } = checkedPreview(options);
  return previewOf(spec as ScheduleInput, { ...named, after, count, calendars }).map(fireTime);
}

interface Checked {
  name?: string;
  after: number;
  count: number;
}

function checkedPreview(options: Parameters<typeof previewSchedule>[1]): Checked {
  checkOptions(options, ['name', 'from', 'count', 'now']);
  const { name, from, count = 10, now } = options;
  if (!Number.isInteger(count) || count < 1 || count > MOST)
    throw new InvalidArgumentError('count', count, `a whole number from 1 to ${MOST}`);
  const named = name === undefined ? {} : { name: parseName('name', name) };
  const after = from === undefined ? now : instantOf('from', from);
  return { ...named, after, count };
}

/** All but what a named calendar decides. Throws `InvalidArgumentError`. */
export function checkPreview(
  { when, spread, jitter }: Parameters<Schedules['preview']>[0],
  options: Parameters<typeof previewSchedule>[1],
): void {
  checkedPreview(options);
  checkTimes({ when, spread, jitter });
}

export const fireTime = ({ nominal, due }: { nominal: number; due: number }): FireTime => ({
  nominal: isoTime(nominal),
  due: isoTime(due),
});

/** Milliseconds since 1970. Throws `InvalidArgumentError`. */
export function instantOf(argument: string, given: unknown): number {
  const ms = given instanceof Date ? given.getTime() : typeof given === 'number' ? given : textInstant(String(given));
  if (Number.isFinite(ms) && Math.abs(ms) < 8.64e15) return ms;
  throw new InvalidArgumentError(argument, given, 'an instant such as 2026-03-28T12:00:00Z');
}

/** Text without a zone would mean another instant on every machine. */
const textInstant = (text: string): number =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
