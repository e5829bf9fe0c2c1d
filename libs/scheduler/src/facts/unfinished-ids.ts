import { timeOfBatch, type BatchId } from '@drover/core';

/** Batches whose ids begin with `from`, with `to`, or with anything between: submitted in these seconds. */
export type Stretch = readonly [from: string, to: string];

/** This many characters of a batch id give its time of creation, to 1,024 ms. */
const PREFIX = 8;
const PREFIX_MS = 1_024;
/** Comes after every id with the same prefix. */
const AFTER_ALL = '~';

/**
 * The times at which the unfinished batches were submitted, as stretches of ids. The leader shows them in `/status`,
 * and the next leader reads these batches first, so that finished ones do not delay it. The stretches are only a hint:
 * a leader that follows old or wrong ones reads the same batches in another order.
 */
export class UnfinishedIds {
  readonly #counts = new Map<string, number>();
  #shown: readonly Stretch[] = [];
  /** Seconds that have come or gone since `#shown` was made. */
  #changes = 0;

  /** One more unfinished batch, or one less. */
  count(batch: BatchId, sign: 1 | -1): void {
    const prefix = batch.slice(0, PREFIX);
    const before = this.#counts.get(prefix) ?? 0;
    const after = before + sign;
    if (after > 0) this.#counts.set(prefix, after);
    else this.#counts.delete(prefix);
    if (before === 0 || after <= 0) this.#changes++;
  }

  /**
   * At most `most` stretches, in order, that hold every unfinished batch: the widest gaps are left out. They are
   * computed again only after one in a hundred of the seconds that have unfinished batches has changed.
   */
  stretches(most: number): readonly Stretch[] {
    if (this.#changes > this.#counts.size / 100) {
      this.#shown = this.#stretches(most);
      this.#changes = 0;
    }
    return this.#shown;
  }

  #stretches(most: number): Stretch[] {
    const prefixes = [...this.#counts.keys()].sort();
    const times = prefixes.map((prefix) => timeOfBatch(prefix.padEnd(10, '0')));
    const gaps = times
      .map((time, at) => ({ at, width: time - (times[at - 1] ?? time) }))
      .filter(({ width }) => width > PREFIX_MS)
      .sort((a, b) => b.width - a.width)
      .slice(0, most - 1);
    const starts = [0, ...gaps.map(({ at }) => at).sort((a, b) => a - b)];
    return starts.flatMap((start, i): Stretch[] => {
      const from = prefixes[start];
      const to = prefixes[(starts[i + 1] ?? prefixes.length) - 1];
      return from === undefined || to === undefined ? [] : [[from, to]];
    });
  }
}

/** Divides ids in ascending order by whether they are in one of the stretches; both parts keep the order. */
export function splitByStretches(
  ids: readonly BatchId[],
  stretches: readonly Stretch[],
): { inside: BatchId[]; outside: BatchId[] } {
  const inside: BatchId[] = [];
  const outside: BatchId[] = [];
  let at = 0;
  for (const [from, to] of [...stretches].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const begin = Math.max(at, firstAtLeast(ids, from));
    const end = Math.max(begin, firstAtLeast(ids, to + AFTER_ALL));
    for (; at < begin; at++) outside.push(ids[at] ?? '');
    for (; at < end; at++) inside.push(ids[at] ?? '');
  }
  for (; at < ids.length; at++) outside.push(ids[at] ?? '');
  return { inside, outside };
}

/** All batches submitted after the newest of the stretches: the earlier leader may not have shown them yet. */
export const afterwards = (stretches: readonly Stretch[]): Stretch => [
  stretches.reduce((newest, [, to]) => (to > newest ? to : newest), ''),
  AFTER_ALL,
];

function firstAtLeast(ids: readonly BatchId[], wanted: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
