import { type BatchId } from '@drover/core';

/** Batches whose ids begin with `from`, with `to`, or with anything between: submitted in these seconds. */
export type Stretch = readonly [from: string, to: string];

/** This many characters of a batch id give its time of creation, to 1,024 ms. */
const PREFIX = 8;
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Comes after every id with the same prefix. */
const AFTER_ALL = '~';

/**
 * When the unfinished batches were submitted, as stretches of ids. The leader shows them in `/status`, and the next one
 * reads these batches first: what is only kept does not delay it. They are advice and no more: whoever follows an old or
 * a wrong one reads the same batches in another order.
 */
export class UnfinishedIds {
  readonly #counts = new Map<string, number>();

  /** One more unfinished batch, or one less. */
  count(batch: BatchId, sign: 1 | -1): void {
    const prefix = batch.slice(0, PREFIX);
    const count = (this.#counts.get(prefix) ?? 0) + sign;
    if (count > 0) this.#counts.set(prefix, count);
    else this.#counts.delete(prefix);
  }

  /** At most `most` stretches, in order, that hold every unfinished batch: the widest gaps are left out. */
  stretches(most: number): Stretch[] {
    const prefixes = [...this.#counts.keys()].sort();
    const times = prefixes.map(numberOf);
    const gaps = times
      .map((time, at) => ({ at, width: time - (times[at - 1] ?? time) }))
      .filter(({ width }) => width > 1)
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

/** Ids in ascending order, apart by whether they are in one of the stretches; each part in the same order. */
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

/** Everything that was submitted after the newest of the stretches: the leader before may not have shown it yet. */
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

function numberOf(prefix: string): number {
  let number = 0;
  for (const digit of prefix) number = number * DIGITS.length + DIGITS.indexOf(digit);
  return number;
}
