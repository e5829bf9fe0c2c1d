import { compile, parseWhen, type WhenEntry } from '@drover/calendar';
import { sizeFor, type Effort } from '../effort.js';
import type { Figure } from './figure.js';

/** The most that a next time of a calendar with one entry should take, in microseconds. */
const GOAL_US = 5;
const BEGIN = Date.UTC(2026, 0, 1);
/** Calls that are not measured; they go through all of the ten years. */
const WARM_UP = { check: 100, quick: 20_000, full: 20_000 };
const STEP_MS = 15_773_000;
const TEN_YEARS_MS = 3_650 * 86_400_000;

const SCHEDULES: readonly [name: string, when: WhenEntry | WhenEntry[]][] = [
  ['daily, Berlin', { cron: '30 2 * * *', tz: 'Europe/Berlin' }],
  ['on weekdays, Berlin', { cron: '30 2 * * MON-FRI', tz: 'Europe/Berlin' }],
  ['every 20 minutes, New York', { cron: '*/20 * * * *', tz: 'America/New_York' }],
  ['29 February, UTC', { cron: '0 0 29 2 *' }],
  ['every second except at night, Berlin', { every: '1s', tz: 'Europe/Berlin', except: '22:00-06:00' }],
  [
    'five entries, each with five exclusions',
    [2, 3, 4, 5, 6].map((hour) => ({
      cron: `H ${hour} * * *`,
      tz: 'Europe/Berlin',
      except: ['* * 24-26 12 *', '* * 1 1 *', '2026-05-01', '22:00-01:00', '2026-07-01..2026-08-15'],
    })),
  ],
];

/** Calendars alone: next times after instants of ten years, and compiling. No server, no timers. */
export function calendar(effort: Effort): Promise<Figure[]> {
  return Promise.resolve(SCHEDULES.flatMap(([name, when]) => measured(name, when, effort)));
}

function measured(name: string, given: WhenEntry | WhenEntry[], effort: Effort): Figure[] {
  const calls = sizeFor(effort, { quick: 20_000, full: 200_000 });
  const warmUp = sizeFor(effort, WARM_UP);
  const when = parseWhen('when', given);
  const compiled = compile(when, { name: 'nightly' });
  const next = (n: number): unknown => compiled.next(BEGIN + ((n * STEP_MS) % TEN_YEARS_MS));
  return [
    {
      name: `next: ${name}`,
      value: microseconds(next, calls, warmUp),
      unit: 'µs',
      target: Array.isArray(given) ? null : { atMost: GOAL_US },
    },
    {
      name: `compile: ${name}`,
      value: microseconds(() => compile(when, { name: 'nightly' }), calls / 10, warmUp),
      unit: 'µs',
      target: null,
    },
  ];
}

function microseconds(call: (n: number) => unknown, calls: number, warmUp: number): number {
  for (let n = 0; n < warmUp; n++) call(n);
  const begunAt = performance.now();
  for (let n = 0; n < calls; n++) call(n);
  return ((performance.now() - begunAt) * 1_000) / calls;
}
