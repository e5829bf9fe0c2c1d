/**
 * Whether a task is traced follows from its id alone, so that everybody who asks with the same ratio gets the same answer,
 * and nobody has to carry it.
 */

const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** FNV-1a of the text, 32 bits. */
function hashOf(text: string): number {
  let hash = HASH_START;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_PRIME);
  return hash;
}

/** Spreads neighbouring numbers over all 32 bits. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Decides for the tasks of one batch, by their index. `ratio`: 0 to 1. */
export function samplerOf(batch: string, ratio: number): (index: number) => boolean {
  if (ratio <= 0) return () => false;
  if (ratio >= 1) return () => true;
  const seed = hashOf(batch);
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
