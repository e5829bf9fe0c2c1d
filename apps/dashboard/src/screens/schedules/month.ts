import type { FireTime } from '../shapes.js';

/** A day of a calendar sheet. */
export interface Day {
  /** `2026-11-29`, by the clock of the zone. */
  readonly date: string;
  readonly inMonth: boolean;
  readonly isToday: boolean;
  /** Wall times of its fires, `02:30`. */
  readonly fires: readonly string[];
}

/** The date and time that a clock in `zone` shows; seconds only where there are some. Throws `RangeError` on a zone that there is not. */
export function wallOf(instant: number, zone: string): { date: string; time: string } {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
  const seconds = part('second') === '00' ? '' : `:${part('second')}`;
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}${seconds}`,
  };
}

const clocks = new Map<string, Intl.DateTimeFormat>();
function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined)
    clocks.set(
      zone,
      (clock = new Intl.DateTimeFormat('en-CA', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      })),
    );
  return clock;
}

const DAY_MS = 86_400_000;

/** The sheet of a month (`2026-11`): whole weeks from Monday, with the fires of each day. Pure. */
export function sheetOf(month: string, fires: readonly FireTime[], zone: string, now: number): Day[] {
  const byDate = new Map<string, string[]>();
  for (const { nominal } of fires) {
    const { date, time } = wallOf(Date.parse(nominal), zone);
    byDate.set(date, [...(byDate.get(date) ?? []), time]);
  }
  const today = wallOf(now, zone).date;
  // Days are counted in UTC: only their names matter, and UTC has no days of 23 hours.
  const first = Date.parse(`${month}-01T00:00:00Z`);
  const begin = first - ((new Date(first).getUTCDay() + 6) % 7) * DAY_MS;
  const days: Day[] = [];
  for (let at = begin; days.length < 42; at += DAY_MS) {
    const date = new Date(at).toISOString().slice(0, 10);
    if (days.length >= 28 && days.length % 7 === 0 && !date.startsWith(month)) break;
    days.push({ date, inMonth: date.startsWith(month), isToday: date === today, fires: byDate.get(date) ?? [] });
  }
  return days;
}

/** The month `by` months after: `2026-12` and 1 is `2027-01`. */
export function monthAfter(month: string, by: number): string {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  const at = new Date(Date.UTC(year, number - 1 + by, 1));
  return at.toISOString().slice(0, 7);
}
