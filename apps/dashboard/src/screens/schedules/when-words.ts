import { formatDuration } from '@drover/core';
import type { ScheduleSummary } from '../../data/types.js';
import type { Verdict } from '../verdict.js';

/** One entry of `when`, as the API tells it. */
export interface WhenEntry {
  cron?: string;
  every?: number | string;
  phase?: number | string;
  everyAfter?: number | string;
  at?: string | number;
  tz?: string;
  dst?: string;
  except?: unknown;
  from?: string | number;
  until?: string | number;
  maxFires?: number;
}

/** The entries of a definition. Anything that is no entry is left out: a page shows what it can. */
export function entriesOf(spec: Readonly<Record<string, unknown>>): WhenEntry[] {
  const { when } = spec;
  const all: unknown[] = Array.isArray(when) ? when : [when];
  return all.filter((entry): entry is WhenEntry => typeof entry === 'object' && entry !== null);
}

/** `02:30 on weekdays` needs a dictionary of cron; this says the pattern and the rest in words. */
export function inWords(entry: WhenEntry): string {
  const parts = [timesOf(entry)];
  if (entry.tz !== undefined && entry.tz !== 'UTC') parts.push(entry.tz);
  else if (entry.cron !== undefined) parts.push('UTC');
  if (entry.except !== undefined) parts.push('with exceptions');
  if (entry.until !== undefined) parts.push(`until ${String(entry.until)}`);
  if (entry.maxFires !== undefined) parts.push(`${entry.maxFires} times at most`);
  return parts.join(', ');
}

function timesOf({ cron, every, phase, everyAfter, at }: WhenEntry): string {
  if (cron !== undefined) return plainCron(cron) ?? cron;
  if (every !== undefined) return `every ${length(every)}${phase === undefined ? '' : `, ${length(phase)} later`}`;
  if (everyAfter !== undefined) return `${length(everyAfter)} after the last one ended`;
  return at === undefined ? 'at no time' : `once, at ${typeof at === 'number' ? new Date(at).toISOString() : at}`;
}

const length = (time: number | string): string => (typeof time === 'number' ? formatDuration(time) : time);

const DAYS: Readonly<Record<string, string>> = {
  '*': 'every day',
  'MON-FRI': 'on weekdays',
  '1-5': 'on weekdays',
  'SAT,SUN': 'at weekends',
  MON: 'on Mondays',
  TUE: 'on Tuesdays',
  WED: 'on Wednesdays',
  THU: 'on Thursdays',
  FRI: 'on Fridays',
  SAT: 'on Saturdays',
  SUN: 'on Sundays',
};

/** The few patterns that most schedules have, in words; null for the others. */
export function plainCron(cron: string): string | null {
  const fields = cron.trim().split(/\s+/);
  const [minute = '', hour = '', date = '', month, day = ''] = fields;
  if (fields.length !== 5 || month !== '*') return null;
  const days = daysOf(date, day.toUpperCase());
  if (days === null) return null;
  const rest = days === DAYS['*'] ? '' : ` ${days}`;
  const step = /^\*\/(\d+)$/.exec(minute);
  if (hour === '*' && step !== null) return `every ${step[1]} minutes${rest}`;
  if (hour === '*' && minute === '*') return `every minute${rest}`;
  if (!/^\d{1,2}$/.test(minute)) return null;
  if (hour === '*') return `${minute} minutes past each hour${rest}`;
  return /^\d{1,2}$/.test(hour) ? `${hour.padStart(2, '0')}:${minute.padStart(2, '0')} ${days}` : null;
}

function daysOf(date: string, day: string): string | null {
  if (date === '*') return DAYS[day] ?? null;
  return day === '*' && /^\d{1,2}$/.test(date) ? `on day ${date} of each month` : null;
}

/** The zone in which its times are read: that of its first entry. */
export const zoneOf = (spec: Readonly<Record<string, unknown>>): string => entriesOf(spec)[0]?.tz ?? 'UTC';

/** How a schedule stands. Pure. */
export function standingOf(schedule: ScheduleSummary & { broken?: string | null }): Verdict {
  const { paused, endedAt, reasons, missed, failed, next } = schedule;
  if (typeof schedule.broken === 'string') return { word: 'broken', tone: 'bad', text: schedule.broken, rank: 0 };
  if (paused !== null) {
    const who = paused.by === undefined ? 'It is paused' : `${paused.by} paused it`;
    return {
      word: 'paused',
      tone: 'warn',
      text: `${who}${paused.reason === undefined ? ', without a reason' : `: ${paused.reason}`}.`,
      rank: 3,
    };
  }
  if (endedAt !== null) return { word: 'ended', tone: 'mute', text: 'It can fire no more.', rank: 5 };
  if (missed > 0)
    return {
      word: 'missed fires',
      tone: 'bad',
      text: `${missed} ${missed === 1 ? 'fire was' : 'fires were'} missed${reasons.missed === undefined ? '' : `: ${reasons.missed}`}.`,
      rank: 1,
    };
  if (failed > 0)
    return {
      word: 'has failed',
      tone: 'warn',
      text: `${failed} of its fires failed${reasons.failed === undefined ? '' : `: ${reasons.failed}`}.`,
      rank: 2,
    };
  return next.length === 0
    ? { word: 'waits', tone: 'info', text: 'It fires when the last one has ended.', rank: 4 }
    : { word: 'on time', tone: 'ok', text: 'It fires at its times.', rank: 4 };
}
