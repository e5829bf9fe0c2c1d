/** A quantile is told with this relative error at most. */
const ACCURACY = 0.02;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LN_GAMMA = Math.log(GAMMA);
/** Milliseconds that a bin can be for: from a microsecond to three years. A duration beyond counts as one of these. */
const LEAST_MS = 0.001;
const MOST_MS = 1e11;

const binOf = (ms: number): number => Math.ceil(Math.log(Math.min(Math.max(ms, LEAST_MS), MOST_MS)) / LN_GAMMA);
/** The value that is no further than `ACCURACY` from all values of the bin. */
const middleOf = (bin: number): number => (2 * GAMMA ** bin) / (GAMMA + 1);

/** The bins that there can be: whole numbers of this range. */
const LEAST_BIN = binOf(LEAST_MS);
const MOST_BIN = binOf(MOST_MS);
/** Of one bin: whoever tells of more is not believed. */
const MOST_COUNT = 1_000_000;

/** A count of durations for each bin. */
export type Bins = ReadonlyMap<number, number>;

/**
 * Durations in milliseconds, as a DDSketch (Masson, Rim, Lee 2019): a count for each bin, and each bin a fixed percentage
 * wider than the one before. So quantiles have a relative error of 2 % at most, and sketches are merged by adding counts.
 */
export class DurationSketch {
  readonly #bins = new Map<number, number>();
  #total = 0;
  /** Ascending; null: to be sorted again. */
  #sorted: [bin: number, count: number][] | null = null;

  /** How many it has. */
  get total(): number {
    return this.#total;
  }

  get bins(): Bins {
    return this.#bins;
  }

  /** `times`: so many that took `ms` each. */
  add(ms: number, times = 1): void {
    this.#count(binOf(ms), times);
  }

  addBins(bins: Bins): void {
    for (const [bin, count] of bins) this.#count(bin, count);
  }

  /** Takes back what was added. */
  removeBins(bins: Bins): void {
    for (const [bin, count] of bins) this.#count(bin, -count);
  }

  /** Half of each bin is let go. Counts stay whole: what is left over of a bin counts for the next one. */
  halve(): void {
    let left = 0;
    for (const [bin, count] of this.#ascending()) {
      const half = count / 2 + left;
      left = half - Math.floor(half);
      this.#count(bin, Math.floor(half) - count);
    }
  }

  /** Milliseconds that the part `share` (0 to 1) of all did not exceed; null: it has none. */
  quantile(share: number): number | null {
    let rank = share * (this.#total - 1);
    let last: number | null = null;
    for (const [bin, count] of this.#ascending()) {
      last = middleOf(bin);
      rank -= count;
      if (rank < 0) break;
    }
    return last;
  }

  /** Milliseconds; null: it has none. */
  get mean(): number | null {
    if (this.#total === 0) return null;
    let sum = 0;
    for (const [bin, count] of this.#bins) sum += middleOf(bin) * count;
    return sum / this.#total;
  }

  /** At most `most` bins of the same total: neighbours are put together, twice as many each time. */
  coarse(most: number): Bins {
    for (let width = 1; ; width *= 2) {
      const bins = new Map<number, number>();
      for (const [bin, count] of this.#ascending()) {
        const middle = Math.floor(bin / width) * width + Math.floor(width / 2);
        const within = Math.min(Math.max(middle, LEAST_BIN), MOST_BIN);
        bins.set(within, (bins.get(within) ?? 0) + count);
      }
      if (bins.size <= most) return bins;
    }
  }

  #count(bin: number, change: number): void {
    const count = (this.#bins.get(bin) ?? 0) + change;
    this.#total += change;
    this.#sorted = null;
    if (count > 0) this.#bins.set(bin, count);
    else this.#bins.delete(bin);
  }

  #ascending(): [number, number][] {
    return (this.#sorted ??= [...this.#bins].sort(([a], [b]) => a - b));
  }
}

/** Bins as they are written down: the first bin and its count, then for each further one the step to it and its count. */
export function writtenBins(bins: Bins): number[] {
  let before = 0;
  return [...bins]
    .sort(([a], [b]) => a - b)
    .flatMap(([bin, count]) => {
      const step = bin - before;
      before = bin;
      return [step, count];
    });
}

/** The part of it that makes sense: somebody may have written anything. */
export function readBins(written: readonly number[]): Bins {
  const bins = new Map<number, number>();
  let bin = 0;
  for (let at = 0; at + 1 < written.length; at += 2) {
    const [step = NaN, count = NaN] = written.slice(at, at + 2);
    bin += step;
    if (!Number.isSafeInteger(bin) || bin > MOST_BIN || (at > 0 && step <= 0)) break;
    if (bin >= LEAST_BIN && Number.isSafeInteger(count) && count > 0) bins.set(bin, Math.min(count, MOST_COUNT));
  }
  return bins;
}
