/** Share of the newest sample in the average of what was inferred. */
const NEWEST = 0.3;

/** Times are whole milliseconds, and of two clocks: nothing took less. */
const CLOCK_TICK_MS = 1;

/** What was told counts half as much after this long. */
const HALF_LIFE_MS = 200;

/** A microsecond: what workers count in. */
const LEAST_MS = 0.001;

/**
 * How fast one worker ends tasks of one type: milliseconds of its time per task, all its places together.
 *
 * Workers tell how long the tasks of a report took them (`told`). Where they do not, it is inferred from the time between
 * completions while such work is out (`end`); that is too slow by whatever the way there and back took while the worker
 * had nothing to do. Reports of the same millisecond are one sample then, or the second would look infinitely fast.
 */
export class Pace {
  readonly #told = new ToldPace();
  #average: number | null = null;
  /** End of the last whole sample, or when work of the type came to an idle worker. */
  #since: number;
  #sampleAt: number;
  #sampled = 0;

  constructor(now: number) {
    this.#since = now;
    this.#sampleAt = now;
  }

  /** Work arrives where none of the type was out: the time without work does not count. */
  begin(now: number): void {
    this.#close();
    this.#since = now;
    this.#sampleAt = now;
  }

  end(tasks: number, at: number): void {
    if (at > this.#sampleAt) this.#close();
    this.#sampleAt = Math.max(this.#sampleAt, at);
    this.#sampled += tasks;
  }

  told(tasks: number, ranMs: number, at: number): void {
    this.#told.add(tasks, ranMs, at);
  }

  /** Milliseconds per task; null: not known yet. */
  get msPerTask(): number | null {
    return this.#told.msPerTask ?? (this.#sampled === 0 ? this.#average : this.#mixed());
  }

  #close(): void {
    if (this.#sampled > 0) this.#average = this.#mixed();
    this.#since = this.#sampleAt;
    this.#sampled = 0;
  }

  #mixed(): number {
    const sample = Math.max(CLOCK_TICK_MS, this.#sampleAt - this.#since) / this.#sampled;
    return this.#average === null ? sample : this.#average + NEWEST * (sample - this.#average);
  }
}

/**
 * Time told for tasks over the tasks, the older the less. A quotient of sums, for what was told of single reports says
 * little: of those that ended side by side one is told all the time, and the others none.
 */
export class ToldPace {
  #ranMs = 0;
  #tasks = 0;
  #at = -Infinity;

  add(tasks: number, ranMs: number, at: number): void {
    const kept = 0.5 ** (Math.max(0, at - this.#at) / HALF_LIFE_MS);
    this.#ranMs = this.#ranMs * kept + ranMs;
    this.#tasks = this.#tasks * kept + tasks;
    this.#at = Math.max(this.#at, at);
  }

  /** Milliseconds per task; null: not known yet. */
  get msPerTask(): number | null {
    return this.#tasks === 0 ? null : Math.max(LEAST_MS, this.#ranMs / this.#tasks);
  }
}
