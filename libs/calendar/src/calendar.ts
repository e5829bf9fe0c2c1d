import type { Dates } from './dates.js';
import type { When } from './when.js';

export interface CompileOptions {
  /** Of the schedule: `H` depends on it. Without it a pattern with `H` is refused. */
  name?: string;
  /** The named calendars that exist. Default: none. */
  calendars?: ReadonlyMap<string, Dates>;
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
  /** The nominal times from `from` on and before `to`, the `max` first. */
  between(from: number, to: number, max: number): number[];
  /** How many nominal times after `after` and before `to` exclusions took away; of two entries at one instant: both. */
  excludedBetween(after: number, to: number): number;
}

/** Throws `InvalidArgumentError`: an unknown zone, a calendar that does not exist, `H` without a name. */
export declare function compile(when: readonly When[], options?: CompileOptions): Calendar;
