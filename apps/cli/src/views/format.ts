import type { Change } from '@drover/client';

/** How numbers and times look to people. Pure. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 task`, `2,000 tasks`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1 task waits`, `2,000 tasks wait`. */
export const tasksWait = (count: number): string => `${counted(count, 'task')} wait${count === 1 ? 's' : ''}`;

/** A duration that was measured: `0.4 ms`, `12 ms`, `3.2 s`, `4m 10s`, `2h 5m`. */
export function formatElapsed(elapsedMs: number): string {
  if (elapsedMs < 10) return `${elapsedMs.toFixed(1)} ms`;
  if (elapsedMs < 1_000) return `${Math.round(elapsedMs)} ms`;
  if (elapsedMs < 60_000) return `${(elapsedMs / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(elapsedMs / 60_000);
  if (minutes < 60) return `${minutes}m ${Math.floor((elapsedMs % 60_000) / 1_000)}s`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m` : `${Math.floor(minutes / 1_440)}d`;
}

/** An age for narrow columns: `now`, `5s`, `12m`, `3h`, `4d`. */
export function formatAge(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1_000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 48 * 3_600 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

export function formatAgo(at: number, now: number): string {
  const elapsedMs = now - at;
  // Clocks of two machines differ a little.
  if (elapsedMs < 1_000) return elapsedMs > -1_000 ? 'now' : `in ${formatElapsed(-elapsedMs)}`;
  return `${formatElapsed(elapsedMs)} ago`;
}

/** Names with commas, as far as about `columns` reach, and how many there are besides: `a, b and 3 more`. */
export function someOf(names: readonly string[], leftOut: number, columns: number): string {
  let shown = 0;
  for (let used = 0; shown < names.length; shown++) {
    used += (names[shown] ?? '').length + 2;
    if (used > columns && shown > 0) break;
  }
  const more = names.length - shown + leftOut;
  return names.slice(0, shown).join(', ') + (more === 0 ? '' : ` and ${formatCount(more)} more`);
}

/** `by ada: provider down (5m 3s ago)`. */
export function showChange({ by, reason, at }: Change, now: number): string {
  const said = [by === undefined ? '' : `by ${by}`, reason ?? ''].filter((part) => part !== '').join(': ');
  return `${said}${said === '' ? '' : ' '}(${formatAgo(at, now)})`;
}
