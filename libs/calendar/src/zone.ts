/**
 * The wall clock of a zone. A *wall* time is what the clock on the wall shows, as milliseconds as if it were UTC; the
 * *offset* is wall time minus instant. `Intl` is asked for the offset every five days of a span, and each change is
 * bisected to the second; afterwards everything is arithmetic. A span is read when somebody asks for a time in it,
 * once.
 */

import { Shared } from './shared.js';

/** A stretch of time, `end` not included, in which the offset does not change. All in milliseconds. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  /** The offset just before `start`: the same where only the span begins, larger at an overlap, smaller at a gap. */
  readonly before: number;
}

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const SAMPLE_MS = 5 * DAY_MS;
/** Two years. Spans are counted from 1970. */
const SPAN_MS = 146 * SAMPLE_MS;
/** If a gap is longer, its wall times are dates that never were (Samoa 2011), and nothing happens instead. */
const LONGEST_GAP_MS = 3 * 3_600_000;

export class Zone {
  readonly #offsetAt: (instant: number) => number;
  readonly #spans = new Map<number, readonly Piece[]>();
  /** Of the last question: the next one is mostly about the same. */
  #last: Piece;

  /** `offsetAt`: the offset in milliseconds, slow; `null` for UTC. */
  constructor(offsetAt: ((instant: number) => number) | null) {
    this.#offsetAt = offsetAt ?? (() => 0);
    this.#last =
      offsetAt === null
        ? { start: -Infinity, end: Infinity, offset: 0, before: 0 }
        : { start: Infinity, end: -Infinity, offset: 0, before: 0 };
  }

  pieceAt(instant: number): Piece {
    if (instant >= this.#last.start && instant < this.#last.end) return this.#last;
    const piece = this.#span(Math.floor(instant / SPAN_MS)).findLast(({ start }) => start <= instant);
    if (piece === undefined) throw new RangeError(`no time: ${instant}`);
    this.#last = piece;
    return piece;
  }

  /**
   * The first instant at which the clock shows `wall`. Of a wall time in a gap: the end of the gap, `null` if the gap
   * is longer than three hours.
   */
  instantOf(wall: number): number | null {
    for (let piece = this.pieceAt(wall - DAY_MS); ; piece = this.pieceAt(piece.end)) {
      const instant = wall - piece.offset;
      if (instant < piece.start) return piece.offset - piece.before <= LONGEST_GAP_MS ? piece.start : null;
      if (instant < piece.end) return instant;
    }
  }

  #span(index: number): readonly Piece[] {
    const known = this.#spans.get(index);
    if (known !== undefined) return known;
    const pieces = this.#read(index * SPAN_MS, (index + 1) * SPAN_MS);
    this.#spans.set(index, pieces);
    return pieces;
  }

  #read(from: number, to: number): Piece[] {
    const pieces: Piece[] = [];
    let piece = { start: from, offset: this.#offsetAt(from), before: this.#offsetAt(from - SECOND_MS) };
    for (let sample = from; sample < to; sample += SAMPLE_MS) {
      const offset = this.#offsetAt(sample + SAMPLE_MS);
      while (offset !== piece.offset) {
        const start = this.#changeIn(Math.max(sample, piece.start), sample + SAMPLE_MS, piece.offset);
        if (start >= to) break;
        pieces.push({ ...piece, end: start });
        piece = { start, offset: this.#offsetAt(start), before: piece.offset };
      }
    }
    return [...pieces, { ...piece, end: to }];
  }

  /** The first second at which the offset is no longer `offset`, which it is at `low` and is not at `high`. */
  #changeIn(low: number, high: number, offset: number): number {
    while (high - low > SECOND_MS) {
      const middle = low + Math.floor((high - low) / 2 / SECOND_MS) * SECOND_MS;
      if (this.#offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }
}

const UTC = new Zone(null);
/** By name as given: names that differ in case, and aliases, have a table each. `Intl` knows 600. */
const zones = new Shared<Zone | null>(1_024);

/** `null`: `Intl` does not know it. Offsets such as `+02:00` are no zones, though later versions of Node take them. */
export function zoneNamed(name: string): Zone | null {
  if (name === 'UTC') return UTC;
  return zones.get(name, () => {
    const format = /^[a-z]/i.test(name) ? offsetFormat(name) : null;
    return format && new Zone((instant) => offsetIn(format.format(instant)));
  });
}

function offsetFormat(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    return null;
  }
}

/** Milliseconds, of text that ends in `GMT`, `GMT+02:00` or `GMT-00:44:30`. */
function offsetIn(text: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(text) ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * SECOND_MS;
  return sign === '-' ? -ms : ms;
}
