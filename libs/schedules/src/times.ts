import { compile, datesOf, dueOf, type Calendar, type Dates, type When, type Zone } from '@drover/calendar';
import { withMore, type Schedule, type ScheduleState } from './schedule.js';
import type { ScheduleSpec } from './spec.js';

/** Compiled calendars that are kept: each costs some ten kilobytes, and many schedules have the same `when`. */
const KEPT = 256;

/** The zones that there are, and when their clocks change. */
export interface ZoneData {
  /** Such as `2025c`. Another one may give other times. */
  readonly version: string;
  /** Default: those of `Intl`. */
  readonly zones?: ((name: string) => Zone | null) | undefined;
}

/** When schedules fire: compiled calendars, shared by all schedules of the same text. */
export class Times {
  readonly #compiled = new Map<string, Calendar>();
  readonly #calendars = new Map<string, Dates>();
  readonly zones: { zones?: NonNullable<ZoneData['zones']> };

  constructor({ zones }: ZoneData) {
    this.zones = zones === undefined ? {} : { zones };
  }

  /** `null`: there is no calendar of this name any more. Calendars that were compiled before are compiled anew. */
  setCalendar(name: string, dates: readonly string[] | null): void {
    if (dates === null) this.#calendars.delete(name);
    else this.#calendars.set(name, datesOf(dates));
    this.#compiled.clear();
  }

  get calendars(): ReadonlyMap<string, Dates> {
    return this.#calendars;
  }

  /** Throws `InvalidArgumentError` where it does not make sense: a zone or a calendar that is not there. */
  of(name: string, when: readonly When[]): Calendar {
    const text = JSON.stringify(when);
    const key = usesName(when) ? `${name} ${text}` : text;
    let calendar = this.#compiled.get(key);
    if (calendar === undefined) {
      calendar = compile(when, { name, calendars: this.#calendars, ...this.zones });
      const oldest = this.#compiled.keys().next();
      if (this.#compiled.size >= KEPT && oldest.done !== true) this.#compiled.delete(oldest.value);
      this.#compiled.set(key, calendar);
    }
    return calendar;
  }
}

/** A pattern with `H` depends on the name. */
const usesName = (when: readonly When[]): boolean => when.some((entry) => 'cron' in entry && entry.cron.includes('H'));

/** The calendar of a schedule: made once for all its times that are due. */
export interface Reckoning {
  readonly name: string;
  readonly spec: ScheduleSpec;
  readonly calendar: Calendar;
}

export function reckoningOf(times: Times, { name }: Pick<Schedule, 'name'>, spec: ScheduleSpec): Reckoning {
  return { name, spec, calendar: times.of(name, spec.when) };
}

/**
 * The state with the next time after the mark. For `everyAfter` that is known when the last fire has ended: `endedAt`, and
 * `null` before. One that can fire no more is ended at `now`.
 */
export function aim(state: ScheduleState, reckoning: Reckoning, now: number, endedAt: number | null): ScheduleState {
  const { name, spec, calendar } = reckoning;
  if (calendar.afterEnd && endedAt === null) return { ...state, next: null, due: null };
  // An end before the fire itself was written by a clock that was wrong: nobody knows when it was.
  const end = endedAt === null || endedAt < state.mark ? now : endedAt;
  const after = calendar.afterEnd ? end : state.mark;
  const next = calendar.next(after, state.fired);
  if (next === null) return withMore({ ...state, next, due: null }, { endedAt: now });
  const { spread = 0, jitter = 0 } = spec;
  const due = spread === 0 && jitter === 0 ? next : dueOf(next, { name, spread, jitter }, calendar);
  return { ...state, next, due };
}

/** How many times between the mark and the next time exclusions took away. */
export function excludedBefore({ mark, next, excluded }: ScheduleState, { spec, calendar }: Reckoning): number {
  if (next === null || calendar.afterEnd || !spec.when.some(({ except }) => except !== undefined)) return excluded;
  return excluded + calendar.excludedBetween(mark, next);
}
