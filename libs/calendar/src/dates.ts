/** Dates of a named calendar, compiled: many schedules share one. */
export interface Dates {
  has(day: number): boolean;
}

/**
 * The dates of a named calendar as they are stored: `2026-12-25`, ascending, each once; 10,000 at most.
 * Throws `InvalidArgumentError`, which names the date.
 */
export declare function parseDates(argument: string, given: unknown): string[];

/** Of what `parseDates` gave. */
export declare function datesOf(dates: readonly string[]): Dates;
