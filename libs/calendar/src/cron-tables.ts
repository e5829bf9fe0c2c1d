import { Cron } from 'croner';
import { Shared } from './shared.js';

/**
 * croner reads patterns and says which numbers match; here, and nowhere else. It is never given a function or a zone, so it
 * sets no timers and no clock decides anything. It keeps 82 KB a pattern: only the tables made of it are kept.
 */
function read(pattern: string): Cron {
  return new Cron(pattern, { utcOffset: 0, paused: true, mode: '5-or-6-parts' });
}

const DAY_MS = 86_400_000;
const UNITS = {
  second: { count: 60, ms: 1_000, pattern: (text: string) => `${text} * * * * *` },
  minute: { count: 60, ms: 60_000, pattern: (text: string) => `* ${text} * * * *` },
  hour: { count: 24, ms: 3_600_000, pattern: (text: string) => `* * ${text} * * *` },
};
export type Unit = keyof typeof UNITS;

/** At `i`: the first number from `i` on that the field names, or -1. One longer than the field has numbers. */
export type Following = Int8Array;

const followings = new Shared<Following>(2_048);

/** Throws croner's error for text that is no such field. */
export function followingOf(unit: Unit, text: string): Following {
  return followings.get(`${unit} ${text}`, () => {
    const { count, ms, pattern } = UNITS[unit];
    const cron = read(pattern(text));
    const following = new Int8Array(count + 1).fill(-1);
    for (let i = count - 1; i >= 0; i--) following[i] = cron.match(new Date(i * ms)) ? i : (following[i + 1] ?? -1);
    return following;
  });
}

/** Days are numbered from 1970-01-01. 32 fit a word. */
const WORDS = 16;
const LONGEST_SEARCH_DAYS = 3_660;

/** Which days a pattern names: a bit each, read in parts of 512 days when somebody asks. */
export class Days {
  readonly #fields: string;
  readonly #parts = new Map<number, Int32Array>();

  constructor(fields: string) {
    this.#fields = fields;
    read(`0 0 0 ${fields}`);
  }

  has(day: number): boolean {
    return ((this.#word(day >> 5) >>> (day & 31)) & 1) === 1;
  }

  /** The first of its days from `day` on; `Infinity`: none in ten years. */
  atOrAfter(day: number): number {
    for (let word = day >> 5; word <= (day + LONGEST_SEARCH_DAYS) >> 5; word++) {
      const bits = word === day >> 5 ? this.#word(word) & (-1 << (day & 31)) : this.#word(word);
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return Infinity;
  }

  #word(word: number): number {
    const part = Math.floor(word / WORDS);
    let words = this.#parts.get(part);
    if (words === undefined) this.#parts.set(part, (words = this.#read(part)));
    return words[word - part * WORDS] ?? 0;
  }

  #read(part: number): Int32Array {
    const cron = read(`0 0 0 ${this.#fields}`);
    const first = part * WORDS * 32;
    return Int32Array.from({ length: WORDS }, (_, word) => {
      let bits = 0;
      for (let bit = 0; bit < 32; bit++) if (cron.match(new Date((first + word * 32 + bit) * DAY_MS))) bits |= 1 << bit;
      return bits;
    });
  }
}

const days = new Shared<Days>(1_024);

/** `fields`: day of the month, month and day of the week. Throws croner's error for text that is none. */
export function daysOf(fields: string): Days {
  return days.get(fields, () => new Days(fields));
}
