import type { Direction } from '../system.js';

/** What no longer arrives when the link of `a` and `b` is cut; `to`: what goes from `a` to `b`. */
export function flowsBetween(a: string, b: string, direction: Direction): { from: string; to: string }[] {
  const to = { from: a, to: b };
  const from = { from: b, to: a };
  if (direction === 'both') return [to, from];
  return direction === 'to' ? [to] : [from];
}
