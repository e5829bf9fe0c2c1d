import { KEPT_CHARS } from './attempt-log.js';

const NEWLINE = 10;

/**
 * Cuts what a program prints into lines. Of a large piece only the end is looked at, since no more would be kept: the
 * lines before it are counted.
 */
export class OutputLines {
  #rest: Uint8Array = EMPTY;
  readonly #print: (text: string) => void;
  readonly #skip: (lines: number) => void;

  constructor(print: (text: string) => void, skip: (lines: number) => void) {
    this.#print = print;
    this.#skip = skip;
  }

  push(chunk: Uint8Array): void {
    let all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (all.length > KEPT_CHARS) all = this.#last(all);
    let from = 0;
    for (let at = all.indexOf(NEWLINE); at >= 0; at = all.indexOf(NEWLINE, from)) {
      this.#print(text(all.subarray(from, at)));
      from = at + 1;
    }
    this.#rest = from === all.length ? EMPTY : Uint8Array.from(all.subarray(from));
  }

  /** The program has ended, perhaps in the middle of a line. */
  end(): void {
    if (this.#rest.length > 0) this.#print(text(this.#rest));
    this.#rest = EMPTY;
  }

  #last(all: Uint8Array): Uint8Array {
    const skipped = all.subarray(0, all.length - KEPT_CHARS);
    let lines = 0;
    for (let at = skipped.indexOf(NEWLINE); at >= 0; at = skipped.indexOf(NEWLINE, at + 1)) lines++;
    this.#skip(lines);
    return all.subarray(all.length - KEPT_CHARS);
  }
}

const EMPTY = new Uint8Array(0);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8').replace(/\r$/, '');
