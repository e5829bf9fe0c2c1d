/**
 * The tree of a reduce. Its tasks are numbered level by level, the lowest first: on the lowest level each reads `arity`
 * items of the map, above it `arity` results of the level below, until one task is left. Order is kept. An empty map is one
 * task without results.
 */
export interface ReducePlace {
  /** 0: the lowest. */
  level: number;
  /** Its place in the level. */
  chunk: number;
  /** It reads these: items of the map on level 0, else tasks of the same reduce. `[from, to)` */
  from: number;
  to: number;
  isLast: boolean;
}

/** How many tasks each level has, the lowest first. `total`: items of the map. Throws `RangeError` for an arity below 2. */
export function reduceLevels(total: number, arity: number): number[] {
  if (!(arity >= 2)) throw new RangeError(`an arity of ${arity}: the levels of the tree would never end`);
  const levels = [Math.max(1, Math.ceil(total / arity))];
  for (let below = levels[0] ?? 1; below > 1;) {
    below = Math.ceil(below / arity);
    levels.push(below);
  }
  return levels;
}

/** All tasks of the reduce. */
export const reduceTasks = (total: number, arity: number): number =>
  reduceLevels(total, arity).reduce((sum, tasks) => sum + tasks, 0);

/** Throws `RangeError` for a task that the reduce does not have. */
export function reducePlace(total: number, arity: number, task: number): ReducePlace {
  const levels = reduceLevels(total, arity);
  let first = 0;
  let below = { first: 0, count: total };
  for (const [level, count] of levels.entries()) {
    if (task < first + count) {
      const chunk = task - first;
      const from = chunk * arity;
      const to = Math.min(from + arity, below.count);
      const isLast = level === levels.length - 1;
      return { level, chunk, from: below.first + from, to: below.first + to, isLast };
    }
    below = { first, count };
    first += count;
  }
  throw new RangeError(`task ${task} of a reduce of ${first}`);
}
