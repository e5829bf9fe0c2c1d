/** Ever so long ways are not hidden: work that was handed out ahead is hard to give to anybody else. */
const LONGEST_WAY_MS = 250;

/**
 * How long the way to a worker and back is: from the decision to hand out an assignment until its last report is
 * known, without the time that the worker had it. A moving average, and how far it strays from it (Jacobson's).
 */
export class Way {
  #averageMs = 0;
  #strayMs = 0;
  #known = false;

  told(ms: number): void {
    const sample = Math.max(0, ms);
    if (this.#known) {
      this.#strayMs += (Math.abs(sample - this.#averageMs) - this.#strayMs) / 4;
      this.#averageMs += (sample - this.#averageMs) / 8;
    } else {
      this.#averageMs = sample;
      this.#strayMs = sample / 2;
      this.#known = true;
    }
  }

  /** What work at the worker must last for to hide it, mostly; 0 where it is not known. */
  get ms(): number {
    return Math.min(LONGEST_WAY_MS, this.#averageMs + 2 * this.#strayMs);
  }
}
