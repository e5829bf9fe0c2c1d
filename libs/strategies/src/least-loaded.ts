import type { Candidate, Strategy } from './strategy.js';

/**
 * Halvings of the interval that the level is searched in: the result is finer than one task of any capacity. Up to so
 * many tasks are given one by one, which is quicker.
 */
const HALVINGS = 40;

/**
 * Each task goes to the worker with the fewest tasks out for its capacity, so that all workers come to one level.
 * Chance decides between equal workers.
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

/** Gives the tasks up to the common level at once; fewer than one for each candidate are left. */
function inBulk(count: number, candidates: readonly Candidate[]): number[] {
  const level = highestLevel(count, candidates);
  return candidates.map((candidate) => upTo(level, candidate));
}

/** The highest load per place of capacity to which `count` tasks can bring all candidates. */
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

/** The number of tasks that bring the candidate to the level, as far as it has room. */
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
