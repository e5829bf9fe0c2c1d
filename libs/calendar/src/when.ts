import type { Duration } from '@drover/core';

/**
 * An instant as users give it: milliseconds since 1970, or ISO text. Text without `Z` or an offset is wall time in
 * `tz`.
 */
export type Instant = number | string;

/**
 * An exclusion takes nominal times away, judged by the wall clock of the entry at that time:
 * `'2026-12-25'` a date · `'2026-12-24..2026-12-31'` dates, both ends included · `'22:00-06:00'` hours, the end not
 * included · any other text: a cron pattern, of 5 fields for whole minutes (`'* * 25 12 *'` is the whole day), of 6 for
 * whole seconds · `{ calendar }`: every date of a named calendar.
 */
export type Exclusion = string | { calendar: string };

export interface EntryOptions {
  /** IANA zone whose wall clock counts. Default: `UTC`. */
  tz?: string;
  /** The effect of a change of the clocks on a cron pattern. Default: `once`. */
  dst?: 'once' | 'literal';
  /** At most 20. */
  except?: Exclusion | readonly Exclusion[];
  /** No nominal time before it. */
  from?: Instant;
  /** No nominal time at or after it. */
  until?: Instant;
  /** The entry is over once the schedule has fired that often, whichever of its entries the fires were of. */
  maxFires?: number;
}

/** When a schedule fires, as users give it: one entry, or a list of them, all of whose times count. */
export type WhenEntry = EntryOptions &
  (
    | { cron: string }
    /** On the grid of 1970-01-01T00:00Z plus `phase` (default 0). At least a second. */
    | { every: Duration; phase?: Duration }
    /** That long after the end of the last fire. At least a second; it stands alone in its list. */
    | { everyAfter: Duration }
    | { at: Instant }
  );

/**
 * An entry as it is checked and stored, as JSON: durations in milliseconds, instants as ISO text with `Z`, a list of
 * exclusions, and nothing that is as by default. It is a `WhenEntry` again, and `parseWhen` leaves it as it is.
 */
export type When = WhenOptions &
  ({ cron: string } | { every: number; phase?: number } | { everyAfter: number } | { at: string });

export interface WhenOptions {
  tz?: string;
  dst?: 'literal';
  except?: readonly Exclusion[];
  from?: string;
  until?: string;
  maxFires?: number;
}
