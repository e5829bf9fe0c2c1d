import type { Change } from '@drover/client';
import { formatAgo } from './format.js';

/** `by ada: provider down (5m 3s ago)`. */
export function showChange({ by, reason, at }: Change, now: number): string {
  const said = [by === undefined ? '' : `by ${by}`, reason ?? ''].filter((part) => part !== '').join(': ');
  return `${said}${said === '' ? '' : ' '}(${formatAgo(at, now)})`;
}
