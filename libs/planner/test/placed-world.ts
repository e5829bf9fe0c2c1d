import type { PlacedPool } from '../src/placement/placement.js';
import { seededRandom, World } from './world.js';

export const DEFAULT_POOL = 'default';

export const worldOf = (): World =>
  new World(seededRandom(1), 'round-robin', { retainAtLeastMs: 1_000, reserveAfterMs: 0 });

/** Tells the planner of the pool; the rest of it is by default. */
export function pool(world: World, name: string, spec: Partial<PlacedPool>): void {
  world.placement.overcommit.set(name, spec.overcommit ?? {});
  world.planner.pool(name, { policy: 'spread', dedicated: null, overcommit: {}, warmupMs: 0, ...spec });
}

/** How many tasks are out at each worker that has some, the fewest first. */
export function workersOf(world: World): number[] {
  return [...world.workers.keys()]
    .map((id) => world.out(id))
    .filter((out) => out > 0)
    .sort((a, b) => a - b);
}
