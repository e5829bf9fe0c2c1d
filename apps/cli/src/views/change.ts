import type { Change } from '@drover/client';
import { formatAgo } from './format.js';

/** `by ada 5m 3s ago: provider down`. */
export function showChange({ by, reason, at }: Change, now: number): string {
  const who = by === undefined ? '' : `by ${by} `;
  return `${who}${formatAgo(at, now)}${reason === undefined ? '' : `: ${reason}`}`;
}
