import { readFileSync, statSync } from 'node:fs';

const TAIL_BYTES = 3_000;

/** Remembers the length of a log file, so that only later lines are quoted, not those of an earlier start. */
export class LogMark {
  readonly #path: string;
  readonly #offset: number;

  constructor(path: string) {
    this.#path = path;
    this.#offset = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** The end of the text that was written since; empty: none. */
  tail(): string {
    if (!statSync(this.#path, { throwIfNoEntry: false })) return '';
    const bytes = readFileSync(this.#path);
    // Shorter than it was: the log has been rolled over, and all of it is new.
    const fresh = bytes.length < this.#offset ? bytes : bytes.subarray(this.#offset);
    return fresh.subarray(-TAIL_BYTES).toString('utf8').trim();
  }
}
