import { InvalidArgumentError } from '@drover/core';
import type { CompileOptions } from './calendar.js';
import { excludes, type Excludes } from './exclusions.js';
import { sourceOf, type Source } from './source.js';
import type { When } from './when.js';
import { zoneNamed, type Zone } from './zone.js';

const TEN_YEARS_MS = 3_653 * 86_400_000;
const MOST_EXCLUDED = 10_000;

/** One entry of a `when`: its times, bounds and exclusions. Instants are milliseconds; `Infinity` is never. */
export class Entry {
  readonly maxFires: number;
  readonly isAfterEnd: boolean;
  readonly #argument: string;
  readonly #source: Source;
  readonly #zone: Zone;
  readonly #excludes: readonly Excludes[];
  /** From `after` to the first time that can be: above 0 for `everyAfter` only. */
  readonly #delayMs: number;
  readonly #from: number;
  readonly #until: number;

  constructor(argument: string, when: When, options: CompileOptions) {
    this.#argument = argument;
    this.#zone = zoneOf(`${argument}.tz`, when.tz ?? 'UTC', options);
    this.#source = sourceOf(argument, when, this.#zone, options.name);
    this.#excludes = (when.except ?? []).map((one, index) => excludes(`${argument}.except[${index}]`, one, options));
    this.isAfterEnd = 'everyAfter' in when;
    this.#delayMs = 'everyAfter' in when ? when.everyAfter - 1 : 0;
    this.#from = when.from === undefined ? -Infinity : Date.parse(when.from);
    this.#until = when.until === undefined ? Infinity : Date.parse(when.until);
    this.maxFires = when.maxFires ?? Infinity;
  }

  /** Its first nominal time after `after`, in the ten years after it. */
  next(after: number): number {
    const begin = Math.max(after + this.#delayMs, this.#from - 1);
    const end = Math.min(this.#until, begin + TEN_YEARS_MS);
    let time = this.#source.next(begin);
    for (let excluded = 0; time < end; excluded++) {
      const free = this.#freeFrom(time);
      if (free === time) return time;
      if (excluded === MOST_EXCLUDED) throw this.#gaveUp(time);
      time = this.#source.next(free - 1);
    }
    return Infinity;
  }

  /** How many of its times after `after` and before `to` are excluded. */
  excludedBetween(after: number, to: number): number {
    if (this.#excludes.length === 0 || this.isAfterEnd) return 0;
    const end = Math.min(to, this.#until);
    let count = 0;
    let time = this.#source.next(Math.max(after, this.#from - 1));
    while (time < end) {
      const free = this.#freeFrom(time);
      if (free > time) count += this.#source.count(time, Math.min(free, end));
      time = this.#source.next(Math.max(time, free - 1));
    }
    return count;
  }

  /** `time` if nothing excludes it, else a later instant before which everything is excluded. */
  #freeFrom(time: number): number {
    if (this.#excludes.length === 0) return time;
    const { offset, end } = this.#zone.pieceAt(time);
    const wall = time + offset;
    for (const excludes of this.#excludes) {
      const until = excludes(wall);
      if (until > wall) return Math.min(until - offset, end);
    }
    return time;
  }

  #gaveUp(time: number): InvalidArgumentError {
    return new InvalidArgumentError(
      this.#argument,
      `${this.#argument}: never fires: ${MOST_EXCLUDED} times in a row are excluded, up to ${new Date(time).toISOString()}`,
    );
  }
}

function zoneOf(argument: string, name: string, { zones = zoneNamed }: CompileOptions): Zone {
  const zone = zones(name);
  if (zone !== null) return zone;
  throw new InvalidArgumentError(argument, name, 'an IANA time zone that this process knows');
}
