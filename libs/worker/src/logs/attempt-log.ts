/** A line of a run. `at`: milliseconds since 1970. */
export interface RunLogLine {
  /** Counts every line of the attempt from 1, those too that nobody kept. */
  readonly seq: number;
  readonly at: number;
  /** `info`: of `ctx.log`; `output`: printed by a program; `warn`: Drover says that lines are missing. */
  readonly level: 'info' | 'output' | 'warn';
  readonly text: string;
}

/** Of one attempt. */
export const KEPT_LINES = 200;
export const KEPT_CHARS = 16 * 1024;
/** Of a line, for what it costs besides its text. */
const LINE_CHARS = 64;

/** The last lines of one attempt, however many there were: what is older is counted and forgotten. */
export class AttemptLog {
  readonly task: string;
  readonly attempt: number;
  #lines: RunLogLine[] = [];
  /** Of the first line that is kept. */
  #head = 0;
  #chars = 0;
  #seq = 0;
  #forgotten = 0;
  #hasEnded = false;
  readonly #followers = new Set<(line: RunLogLine | null) => void>();

  constructor(task: string, attempt: number) {
    this.task = task;
    this.attempt = attempt;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Memory, about. */
  get chars(): number {
    return this.#chars;
  }

  push(level: RunLogLine['level'], at: number, text: string): void {
    this.#add({ seq: ++this.#seq, at, level, text });
  }

  /** So many lines came too fast to be kept anywhere: it says so in their place. */
  dropped(lines: number, at: number): void {
    this.#seq += lines;
    this.#add({ seq: this.#seq, at, level: 'warn', text: `${count(lines)} dropped: the task logged too fast` });
  }

  /** So many lines of a program's output were passed over, since none of them would be kept. */
  skipped(lines: number): void {
    this.#seq += lines;
    this.#forgotten += lines;
  }

  /** The lines that are kept, with a line in the place of those that are not. `most`: the last ones. */
  lines(most: number = KEPT_LINES): RunLogLine[] {
    const kept = this.#lines.slice(Math.max(this.#head, this.#lines.length - most));
    const first = kept[0];
    const before = this.#forgotten + this.#lines.length - this.#head - kept.length;
    if (first === undefined || before === 0) return kept;
    const text = `${count(before)} before ${before === 1 ? 'is' : 'are'} not shown: the worker keeps the last ones`;
    return [{ seq: first.seq - 1, at: first.at, level: 'warn', text }, ...kept];
  }

  /** `listener` hears of every further line, and of the end with `null`. Returns how to stop that. */
  follow(listener: (line: RunLogLine | null) => void): () => void {
    this.#followers.add(listener);
    return () => void this.#followers.delete(listener);
  }

  end(): void {
    this.#hasEnded = true;
    for (const listener of this.#followers) listener(null);
    this.#followers.clear();
  }

  #add(line: RunLogLine): void {
    this.#lines.push(line);
    this.#chars += line.text.length + LINE_CHARS;
    while (this.#lines.length - this.#head > KEPT_LINES || (this.#chars > KEPT_CHARS && this.#hasSeveral))
      this.#forget();
    // Now and then, not for every line.
    if (this.#head > KEPT_LINES) this.#compact();
    for (const listener of this.#followers) listener(line);
  }

  get #hasSeveral(): boolean {
    return this.#lines.length - this.#head > 1;
  }

  #forget(): void {
    this.#chars -= (this.#lines[this.#head]?.text.length ?? 0) + LINE_CHARS;
    this.#head++;
    this.#forgotten++;
  }

  #compact(): void {
    this.#lines = this.#lines.slice(this.#head);
    this.#head = 0;
  }
}

const count = (lines: number): string => (lines === 1 ? '1 line' : `${lines.toLocaleString('en')} lines`);

/** Of a result line. */
export const TAIL_BYTES = 4 * 1024;

/** The end of a log as a list of texts in JSON, of at most `TAIL_BYTES`; `null`: there is nothing. */
export function tailOf(log: AttemptLog): string | null {
  const texts: string[] = [];
  let bytes = 2;
  for (const { text } of log.lines().reverse()) {
    const json = JSON.stringify(text);
    bytes += Buffer.byteLength(json) + 1;
    if (bytes > TAIL_BYTES) break;
    texts.unshift(json);
  }
  return texts.length === 0 ? null : `[${texts.join(',')}]`;
}
