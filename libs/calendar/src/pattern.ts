import { daysOf, followingOf, type Days, type Following } from './cron-tables.js';

const DAY_S = 86_400;

/** A cron pattern on the wall clock, without any zone. Its six fields are correct; `H` is replaced. */
export class Pattern {
  /** No `*`, `/` or `?` in seconds, minutes and hours: it names times of the day, rather than repeating. */
  readonly isFixedTime: boolean;
  /**
   * As an exclusion it names all of a block or nothing of it: a second, a minute (five fields say nothing of seconds), an
   * hour where minutes are `*`, a day where hours are, too. In milliseconds.
   */
  readonly #blockMs: number;
  readonly #seconds: Following;
  readonly #minutes: Following;
  readonly #hours: Following;
  readonly #days: Days;

  constructor(fields: readonly string[], hasSeconds: boolean) {
    const [second = '', minute = '', hour = '', ...date] = fields;
    this.isFixedTime = !/[*/?]/.test(second + minute + hour);
    this.#seconds = followingOf('second', second);
    this.#minutes = followingOf('minute', minute);
    this.#hours = followingOf('hour', hour);
    this.#days = daysOf(date.join(' '));
    const isWhole = [!hasSeconds || isFull(this.#seconds), isFull(this.#minutes), isFull(this.#hours)];
    this.#blockMs = [1_000, 60_000, 3_600_000, 86_400_000][isWhole.indexOf(false)] ?? 86_400_000;
  }

  /** The first wall time after `wall` that it names; `Infinity`: none in ten years. In milliseconds. */
  next(wall: number): number {
    const from = Math.floor(wall / 1_000) + 1;
    const day = Math.floor(from / DAY_S);
    if (this.#days.has(day)) {
      const second = this.#secondOfDay(from - day * DAY_S);
      if (second >= 0) return (day * DAY_S + second) * 1_000;
    }
    return (this.#days.atOrAfter(day + 1) * DAY_S + this.#secondOfDay(0)) * 1_000;
  }

  /** The first second of a day from `second` on that it names, or -1. */
  #secondOfDay(second: number): number {
    const h = Math.floor(second / 3_600);
    const m = Math.floor(second / 60) % 60;
    if (at(this.#hours, h) === h) {
      const inMinute = at(this.#minutes, m) === m ? at(this.#seconds, second % 60) : -1;
      if (inMinute >= 0) return h * 3_600 + m * 60 + inMinute;
      const minute = at(this.#minutes, m + 1);
      if (minute >= 0) return h * 3_600 + minute * 60 + at(this.#seconds, 0);
    }
    const hour = at(this.#hours, h + 1);
    return hour < 0 ? -1 : hour * 3_600 + at(this.#minutes, 0) * 60 + at(this.#seconds, 0);
  }

  /** The end of the block that `wall` is in, if it names that block; else `wall`. */
  namedUntil(wall: number): number {
    const start = Math.floor(wall / this.#blockMs) * this.#blockMs;
    const end = start + this.#blockMs;
    return this.next(start - 1) < end ? end : wall;
  }
}

function at(following: Following, index: number): number {
  return following[index] ?? -1;
}

function isFull(following: Following): boolean {
  return following.every((number, index) => number === index || index === following.length - 1);
}
