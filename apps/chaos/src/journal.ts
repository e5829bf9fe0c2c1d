import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * A history: one JSON object a line. Each line is one write to a file that is open for appending, so lines of several
 * processes never mix, and whatever was written is there though its writer is killed in the next moment.
 */
export class Journal<Line extends object> {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Every line of a history; none where there is no file. A line that a full disk cut short is an error, as it should be. */
export function readJournal<Line>(path: string): Line[] {
  return readFileSync(path, { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as Line);
}
