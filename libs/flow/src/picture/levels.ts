import { predecessorsOf } from '../edges.js';
import type { Plan } from '../plan.js';

/**
 * The steps of a plan by level: those of level 0 wait for nothing, those of a higher one wait for a step of the level before
 * it, and for others below. Within a level they keep the order of the plan. The plan has been checked: no circle is in it.
 */
export function levelsOf(plan: Plan): string[][] {
  const level = new Map<string, number>();
  const levelOf = (name: string): number => {
    const known = level.get(name);
    if (known !== undefined) return known;
    const found = Math.max(-1, ...predecessorsOf(plan.steps[name]?.after).map(levelOf)) + 1;
    level.set(name, found);
    return found;
  };
  const levels: string[][] = [];
  for (const name of Object.keys(plan.steps)) (levels[levelOf(name)] ??= []).push(name);
  return levels;
}
