import { compile, datesOf, type Calendar, type Dates, type When, type Zone } from '@drover/calendar';

/** Nominal times and how many were excluded on the way. */
export interface Times {
  readonly times: readonly number[];
  readonly excluded: number;
}

/** More times than one decision has are not walked. */
const MOST = 10_000;

/** Calendars of schedules, as the rules reckon them: by the zones of the scheduler that writes. */
export class NominalTimes {
  readonly #calendars = new Map<string, Dates>();

  /** `null`: it was removed. */
  setCalendar(name: string, dates: readonly string[] | null): void {
    if (dates === null) this.#calendars.delete(name);
    else this.#calendars.set(name, datesOf(dates));
  }

  calendar(name: string, when: readonly object[], zones: (name: string) => Zone | null): Calendar {
    return compile(when as When[], { name, zones, calendars: this.#calendars });
  }

  /** The times after `mark` up to `end`. `first`: the first of them is already known. */
  walk(calendar: Calendar, mark: number, end: number, first: number | null): Times {
    const times: number[] = [];
    let excluded = 0;
    let [at, time] = [mark, first ?? calendar.next(mark)];
    while (time !== null && time <= end && times.length < MOST) {
      excluded += calendar.excludedBetween(at, time);
      times.push(time);
      at = time;
      time = calendar.next(time);
    }
    return { times, excluded };
  }
}
