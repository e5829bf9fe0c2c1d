/**
 * Brute force, independent of the module that it judges: `Intl` formats every minute of a window, and the clock on the
 * wall is read from the text. No offsets, no pieces, no croner.
 */

/** A cron pattern as numbers. */
export interface Said {
  readonly text: string;
  readonly hours: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  /** Of the week, 0 is Sunday. Default: all. */
  readonly day?: number;
  /** Each wall time once, instead of whatever the clock shows. */
  readonly isOnce: boolean;
}

/** An instant and what the clock on the wall shows then, as if it were UTC. Milliseconds. */
export interface Reading {
  readonly instant: number;
  readonly wall: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
const LONGEST_GAP_MS = 3 * HOUR_MS;
/** Every offset since 1970 is a multiple of it; the last that was no whole minute is Monrovia's, until 1972. */
const STEP_MS = MINUTE_MS / 2;

export class WallClock {
  readonly #format: Intl.DateTimeFormat;
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  }

  at(instant: number): number {
    const [month, day, year, hour, minute, second] = this.#format.format(instant).match(/\d+/g)!.map(Number);
    return Date.UTC(year!, month! - 1, day, hour, minute, second);
  }

  /** Every minute of a window; every half where the clock does not show whole minutes then. */
  readings(from: number, to: number): Reading[] {
    const readings: Reading[] = [];
    const isWhole = (this.at(from) - from) % MINUTE_MS === 0 && (this.at(to) - to) % MINUTE_MS === 0;
    for (let instant = from; instant < to; instant += isWhole ? MINUTE_MS : STEP_MS)
      readings.push({ instant, wall: this.at(instant) });
    return readings;
  }
}

/** The instants of a window at which a schedule of `said` fires. */
export function firesOf(said: Said, readings: readonly Reading[]): number[] {
  if (!said.isOnce) return readings.filter(({ wall }) => matches(said, wall)).map(({ instant }) => instant);
  const fires: number[] = [];
  const step = readings[1]!.instant - readings[0]!.instant;
  let latest = readings[0]!.wall - step;
  for (const { instant, wall } of readings) {
    const isGapNamed = wall - latest - step <= LONGEST_GAP_MS && isAnyNamed(said, latest + step, wall);
    if (isGapNamed || (wall > latest && matches(said, wall))) fires.push(instant);
    latest = Math.max(latest, wall);
  }
  return fires;
}

function isAnyNamed(said: Said, from: number, to: number): boolean {
  for (let wall = from; wall < to; wall += STEP_MS) if (matches(said, wall)) return true;
  return false;
}

function matches({ hours, minutes, day }: Said, wall: number): boolean {
  const minuteOfDay = Math.floor(wall / MINUTE_MS) % 1_440;
  if (wall % MINUTE_MS !== 0 || !minutes.has(minuteOfDay % 60) || !hours.has(Math.floor(minuteOfDay / 60)))
    return false;
  return day === undefined || (Math.floor(wall / (24 * HOUR_MS)) + 4) % 7 === day;
}

/** Patterns that hit the hours before, in and after a change of the clocks from `before` to `after`, wall times. */
export function patternsAround(before: number, after: number): Said[] {
  const hourOf = (wall: number): number => Math.floor(wall / HOUR_MS) % 24;
  const [first, last] = [hourOf(before), hourOf(after)];
  const hours = [-1, 0, 1].flatMap((by) => [(first + by + 24) % 24, (last + by + 24) % 24]);
  const day = (Math.floor(Math.min(before, after) / (24 * HOUR_MS)) + 4) % 7;
  const times = [
    ...[...new Set([...hours, 0, 23])].flatMap((hour) => [
      said([0], [hour]),
      said([30], [hour]),
      said([1, 59], [hour]),
    ]),
    said([0], [...new Set(hours)]),
    said([15, 45], [...new Set([first, last])]),
    said([10], [(first + 23) % 24, first]),
    said(upTo(60), upTo(24)),
    said([30], hours, day),
    said([0], [0, ...hours], (day + 1) % 7),
  ];
  const repeating = [
    repeats('*/20 * * * *', every(20), upTo(24)),
    repeats('*/7 * * * *', every(7), upTo(24)),
    repeats(`*/15 ${first} * * *`, every(15), [first]),
    repeats(`* ${last} * * *`, upTo(60), [last]),
    repeats(
      '0 */2 * * *',
      [0],
      upTo(24).filter((hour) => hour % 2 === 0),
    ),
  ];
  return [...times, ...repeating, ...times.map((one) => ({ ...one, isOnce: false }))];
}

function said(minutes: number[], hours: number[], day?: number): Said {
  const text = `${minutes.join(',')} ${hours.join(',')} * * ${day ?? '*'}`;
  return { text, hours: new Set(hours), minutes: new Set(minutes), isOnce: true, ...(day !== undefined && { day }) };
}

function repeats(text: string, minutes: number[], hours: number[]): Said {
  return { text, minutes: new Set(minutes), hours: new Set(hours), isOnce: false };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

function every(step: number): number[] {
  return upTo(60).filter((minute) => minute % step === 0);
}
