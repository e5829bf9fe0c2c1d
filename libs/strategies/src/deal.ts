/** The number of tasks that each place got, and the place that got the last one (`null`: none was given). */
export interface Deal {
  given: number[];
  last: number | null;
}

/**
 * Deals `count` tasks like cards, one a round, to the places in `order` (indexes into `free`) that have room left: no
 * place gets a second task before every place with room has one. Whole rounds are dealt at once.
 */
export function deal(count: number, free: readonly number[], order: readonly number[]): Deal {
  const given = free.map(() => 0);
  const roomAt = (place: number): number => (free[place] ?? 0) - (given[place] ?? 0);
  let open = order.filter((place) => roomAt(place) > 0);
  let left = count;
  let last: number | null = null;
  while (left > 0 && open.length > 0) {
    const dealt = left < open.length ? open.slice(0, left) : open;
    const rounds = Math.min(Math.floor(left / dealt.length), ...dealt.map(roomAt));
    for (const place of dealt) given[place] = (given[place] ?? 0) + rounds;
    left -= rounds * dealt.length;
    last = dealt.at(-1) ?? last;
    open = open.filter((place) => roomAt(place) > 0);
  }
  return { given, last };
}
