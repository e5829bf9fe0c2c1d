import type { Candidate, Strategy } from './strategy.js';

/**
 * Halvings of the interval that the level is searched in: finer than one task of any capacity. So few tasks are sooner
 * given one by one.
 */
const HALVINGS = 40;

/**
 * To whoever has the least out for its capacity, task by task, so that all are brought to one level like water in
 * connected vessels. Ties are drawn.
 */
export class LeastLoadedStrategy implements Strategy {
  readonly name = 'least-loaded';
  readonly takesAny = true;

  distribute(count: number, candidates: readonly Candidate[], random: () => number): number[] {
    const given = count <= HALVINGS ? candidates.map(() => 0) : inBulk(count, candidates);
    let left = count - sum(given);
    const offset = Math.floor(random() * candidates.length);
    while (left > 0) {
      const next = leastLoaded(candidates, given, offset);
      if (next === null) break;
      given[next] = (given[next] ?? 0) + 1;
      left--;
    }
    return given;
  }
}

/** The rest is less than a task for each candidate. */
function inBulk(count: number, candidates: readonly Candidate[]): number[] {
  const level = highestLevel(count, candidates);
  return candidates.map((candidate) => upTo(level, candidate));
}

/** The highest load per place of capacity that `count` tasks suffice to bring everybody up to. */
function highestLevel(count: number, candidates: readonly Candidate[]): number {
  let low = 0;
  let high = Math.max(0, ...candidates.map(({ out, free, capacity }) => (out + free + 1) / capacity));
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (sum(candidates.map((candidate) => upTo(middle, candidate))) <= count) low = middle;
    else high = middle;
  }
  return low;
}

/** Tasks that find the candidate below this level when they come, as far as it has room. */
function upTo(level: number, { out, free, capacity }: Candidate): number {
  return Math.max(0, Math.min(free, Math.ceil(level * capacity) - out));
}

function leastLoaded(candidates: readonly Candidate[], given: readonly number[], offset: number): number | null {
  let best: number | null = null;
  let bestLoad = Infinity;
  for (let step = 0; step < candidates.length; step++) {
    const index = (step + offset) % candidates.length;
    const candidate = candidates[index];
    const got = given[index] ?? 0;
    if (candidate === undefined || got >= candidate.free) continue;
    const load = (candidate.out + got) / candidate.capacity;
    if (load >= bestLoad) continue;
    best = index;
    bestLoad = load;
  }
  return best;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
