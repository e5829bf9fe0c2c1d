import { fnv1a, mixed } from '@drover/core';

/**
 * Whether a task is traced follows from its id alone, so that everybody who asks with the same ratio gets the same answer,
 * and nobody has to carry it.
 */

/** Decides for the tasks of one batch, by their index. `ratio`: 0 to 1. */
export function samplerOf(batch: string, ratio: number): (index: number) => boolean {
  if (ratio <= 0) return () => false;
  if (ratio >= 1) return () => true;
  const seed = fnv1a(batch);
  const below = ratio * 2 ** 32;
  return (index) => mixed(seed + Math.imul(index, 0x9e3779b1)) < below;
}

/** The same for one task, by its id. */
export function isSampled(task: string, ratio: number): boolean {
  if (ratio <= 0) return false;
  const dot = task.lastIndexOf('.');
  return samplerOf(task.slice(0, dot), ratio)(Number(task.slice(dot + 1)));
}

/** Throws a `RangeError` for what is no ratio. */
export function checkRatio(ratio: number): number {
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new RangeError(`ratio: expected a number from 0 to 1, got ${ratio}`);
}
