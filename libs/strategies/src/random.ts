import { deal } from './deal.js';
import type { Candidate, Strategy } from './strategy.js';

/** In a random order. No worker gets a second task of a call before every worker with room has one. */
export class RandomStrategy implements Strategy {
  readonly name = 'random';
  readonly takesAny = true;

  distribute(count: number, candidates: readonly Candidate[], random: () => number): number[] {
    const order = shuffle(candidates.length, random);
    return deal(
      count,
      candidates.map(({ free }) => free),
      order,
    ).given;
  }
}

/** Fisher-Yates over 0 to `length` - 1. */
function shuffle(length: number, random: () => number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let end = length - 1; end > 0; end--) {
    const other = Math.floor(random() * (end + 1));
    const moved = order[end] ?? end;
    order[end] = order[other] ?? other;
    order[other] = moved;
  }
  return order;
}
