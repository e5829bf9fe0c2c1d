import type { Dates } from './dates.js';
import { Entry } from './entry.js';
import type { When } from './when.js';
import type { Zone } from './zone.js';

export interface CompileOptions {
  /** Of the schedule: `H` depends on it. Without it a pattern with `H` is refused. */
  name?: string;
  /** The named calendars that exist. Default: none. */
  calendars?: ReadonlyMap<string, Dates>;
  /** Zone data; a simulation gives its schedulers different ones. Default: that of `Intl`. `null`: no such zone. */
  zones?: (name: string) => Zone | null;
}

/** When a schedule fires. Instants are milliseconds since 1970; *nominal* is a time that the schedule names. */
export interface Calendar {
  /**
   * True for `everyAfter`: `next(endedAt)` is the nominal time after the fire that ended at `endedAt`, and the first one
   * of a schedule that was set then.
   */
  readonly afterEnd: boolean;
  /**
   * The first nominal time after `after`, `null` where there is none in the ten years after it. Depends on its arguments
   * alone, so any leader continues the chain of any other. `fired`: how often the schedule has fired so far, for
   * `maxFires` (default 0). Throws `InvalidArgumentError` where it gave up after 10,000 excluded times in a row.
   */
  next(after: number, fired?: number): number | null;
  /** The nominal times from `from` on and before `to`, the `max` first; `fired` as of `next`, each of them counts. */
  between(from: number, to: number, max: number, fired?: number): number[];
  /** How many nominal times after `after` and before `to` exclusions took away; of two entries at one instant: both. */
  excludedBetween(after: number, to: number): number;
}

/**
 * Of what `parseWhen` gave. `argument` names it in errors. Throws `InvalidArgumentError`: a zone that this process does not
 * know, a calendar that does not exist, `H` without a name.
 */
export function compile(when: readonly When[], options: CompileOptions = {}, argument = 'when'): Calendar {
  const entries = when.map((one, index) => new Entry(pathOf(argument, when, index), one, options));
  const next = (after: number, fired = 0): number => {
    let first = Infinity;
    for (const entry of entries) if (fired < entry.maxFires) first = Math.min(first, entry.next(after));
    return first;
  };
  return {
    afterEnd: entries.some(({ isAfterEnd }) => isAfterEnd),
    next: (after, fired) => finite(next(after, fired)),
    between(from, to, max, fired = 0) {
      const times: number[] = [];
      for (let time = next(from - 1, fired); time < to && times.length < max;) {
        times.push(time);
        time = next(time, fired + times.length);
      }
      return times;
    },
    excludedBetween: (after, to) => entries.reduce((sum, entry) => sum + entry.excludedBetween(after, to), 0),
  };
}

/** An entry alone needs no number. */
export function pathOf(argument: string, when: readonly unknown[], index: number): string {
  return when.length === 1 ? argument : `${argument}[${index}]`;
}

function finite(time: number): number | null {
  return time === Infinity ? null : time;
}
