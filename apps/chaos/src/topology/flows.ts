import type { Direction } from '../system.js';

/** The flows that stop when the link of `a` and `b` is cut; `to`: only the one from `a` to `b`. */
export function flowsBetween(a: string, b: string, direction: Direction): { from: string; to: string }[] {
  const to = { from: a, to: b };
  const from = { from: b, to: a };
  if (direction === 'both') return [to, from];
  return direction === 'to' ? [to] : [from];
}
