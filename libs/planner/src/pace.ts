/** Share of the newest sample in the average. */
const NEWEST = 0.3;

/** Times are whole milliseconds, and of two clocks: nothing took less. */
const CLOCK_TICK_MS = 1;

/**
 * How fast one worker ends tasks of one type: milliseconds per task between completions while such work is out, all its
 * places together. Reports of the same millisecond are one sample, or the second of them would look infinitely fast.
 */
export class Pace {
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

  /** Milliseconds per task; null: not known yet. */
  get msPerTask(): number | null {
    return this.#sampled === 0 ? this.#average : this.#mixed();
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
