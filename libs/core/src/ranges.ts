/** Indexes of a batch as `[from, to)` pairs, ascending and not adjacent: how records and commands name tasks. */
export type Range = readonly [from: number, to: number];

export function countOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}

export function* indexesOf(ranges: readonly Range[]): Generator<number> {
  for (const [from, to] of ranges) for (let index = from; index < to; index++) yield index;
}

/** `indexes` ascending. */
export function toRanges(indexes: Iterable<number>): Range[] {
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return ranges;
}
