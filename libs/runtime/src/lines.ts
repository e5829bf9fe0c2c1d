import { isUtf8 } from 'node:buffer';

/** Twice the size of the largest task: a longer line is never valid, and is not kept in memory to find out. */
const MAX_LINE_BYTES = 1024 * 1024;
const LINE_FEED = 10;

/** Why a line has no text. */
export type LineFault = 'too long' | 'not UTF-8';

/** `number` counts from 1. */
export type Line = { number: number; text: string } | { number: number; text: null; fault: LineFault };

/**
 * Lines of a stream that are not blank, as many at a time as a chunk has: a million of them one by one through an
 * asynchronous iterator would cost more than parsing them. Bytes that are no UTF-8 make their own line faulty only.
 */
export async function* readLines(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) {
    const lines = splitter.take(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}

/** Splits bytes at line feeds, which are no part of any longer character in UTF-8. */
class LineSplitter {
  #number = 0;
  /** Begun and not ended, in the pieces in which it came. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** The line that is being read is too long: the rest of it is dropped. */
  #isSkipping = false;

  take(chunk: Buffer): Line[] {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end < 0) {
      this.#keep(chunk);
      return [];
    }
    const whole = this.#withRest(chunk.subarray(0, end));
    this.#keep(chunk.subarray(end + 1));
    return whole;
  }

  end(): Line[] {
    return this.#restBytes === 0 && !this.#isSkipping ? [] : this.#withRest(Buffer.alloc(0));
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0 || this.#isSkipping) return;
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    if (this.#restBytes <= MAX_LINE_BYTES) return;
    this.#isSkipping = true;
    this.#forgetRest();
  }

  #forgetRest(): void {
    this.#rest = [];
    this.#restBytes = 0;
  }

  /** The lines of `bytes`, of which the first began in an earlier chunk. */
  #withRest(bytes: Buffer): Line[] {
    const lines: Line[] = [];
    let from = 0;
    if (this.#isSkipping) {
      const end = bytes.indexOf(LINE_FEED);
      lines.push({ number: ++this.#number, text: null, fault: 'too long' });
      this.#isSkipping = false;
      if (end < 0) return lines;
      from = end + 1;
    }
    const whole = this.#restBytes === 0 ? bytes.subarray(from) : Buffer.concat([...this.#rest, bytes]);
    this.#forgetRest();
    this.#split(whole, lines);
    return lines;
  }

  #split(whole: Buffer, lines: Line[]): void {
    // One check and one decoding for all of them: the rule. A faulty line among them is looked for one by one.
    const parts = isUtf8(whole) ? whole.toString('utf8').split('\n') : [...decodedOneByOne(whole)];
    for (const part of parts) {
      const number = ++this.#number;
      if (part === null) lines.push({ number, text: null, fault: 'not UTF-8' });
      else if (part.length > MAX_LINE_BYTES) lines.push({ number, text: null, fault: 'too long' });
      else if (part.trim() !== '') lines.push({ number, text: withoutMark(part, number) });
    }
  }
}

function* decodedOneByOne(whole: Buffer): Generator<string | null> {
  for (let from = 0; from <= whole.length;) {
    const found = whole.indexOf(LINE_FEED, from);
    const end = found < 0 ? whole.length : found;
    const line = whole.subarray(from, end);
    yield isUtf8(line) ? line.toString('utf8') : null;
    from = end + 1;
  }
}

/** The byte order mark that some editors write. */
const withoutMark = (text: string, number: number): string =>
  number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
