/** A histogram that costs a few nanoseconds however many times a value is counted: it is shown when somebody scrapes. */
export class WeightedHistogram {
  readonly bounds: readonly number[];
  /** Of each bound, how many values are at most so large and above the bound before; the last: above all bounds. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  /** `bounds`: ascending. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** The value was seen so many times. */
  observe(value: number, times = 1): void {
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? Infinity)) at++;
    counts[at] = (counts[at] ?? 0) + times;
    this.sum += value * times;
    this.count += times;
  }
}
