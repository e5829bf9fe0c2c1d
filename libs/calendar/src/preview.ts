import type { Calendar } from './calendar.js';

/** How far after its nominal time a fire is due, in milliseconds. Default of both: 0. */
export interface Spread {
  /** Of the schedule, `hash(name)`. Needed where one of the two is above 0. */
  name?: string;
  /** A constant delay below it, by a hash of the name. */
  spread?: number;
  /** A delay below it for each fire, by a hash of name and nominal time. */
  jitter?: number;
}

/** A fire: the time that the schedule names, and when it happens. */
export interface Fire {
  nominal: number;
  due: number;
}

/** When the fire of `nominal` happens: not before it, and before the next nominal time. */
export declare function dueOf(nominal: number, spread: Spread, calendar: Calendar): number;

/** A duration for `spread` or `jitter`, in milliseconds: at most a day. Throws `InvalidArgumentError`. */
export declare function parseSpread(argument: string, given: unknown): number;

/** The first `count` fires after `after`. */
export declare function preview(calendar: Calendar, options: Spread & { after: number; count: number }): Fire[];
