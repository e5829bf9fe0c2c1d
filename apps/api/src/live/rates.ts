export interface Totals {
  submitted: number;
  finished: number;
  failed: number;
}

/** Rates are those of so long. */
const WINDOW_MS = 10_000;

/** Rates per second, from totals that only grow. Times are milliseconds of a monotonic clock. */
export class Rates {
  readonly #samples: (Totals & { at: number })[] = [];

  add(at: number, { submitted, finished, failed }: Totals): void {
    this.#samples.push({ at, submitted, finished, failed });
    // The last sample that is as old as the window is kept: rates are counted from there.
    while (this.#samples.length > 2 && (this.#samples[1]?.at ?? at) <= at - WINDOW_MS) this.#samples.shift();
  }

  /** Zero until there are two samples. */
  get(): Totals {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at <= first.at)
      return { submitted: 0, finished: 0, failed: 0 };
    const perSecond = (name: keyof Totals): number =>
      Math.max(0, Math.round(((last[name] - first[name]) * 10_000) / (last.at - first.at)) / 10);
    return { submitted: perSecond('submitted'), finished: perSecond('finished'), failed: perSecond('failed') };
  }

  clear(): void {
    this.#samples.length = 0;
  }
}
