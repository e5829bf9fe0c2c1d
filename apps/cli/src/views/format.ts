/** How numbers and times look to people. Pure. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 task`, `2,000 tasks`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Of a duration that was measured: `0.4 ms`, `12 ms`, `3.2 s`, `4m 10s`, `2h 5m`. */
export function formatElapsed(elapsedMs: number): string {
  if (elapsedMs < 10) return `${elapsedMs.toFixed(1)} ms`;
  if (elapsedMs < 1_000) return `${Math.round(elapsedMs)} ms`;
  if (elapsedMs < 60_000) return `${(elapsedMs / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(elapsedMs / 60_000);
  if (minutes < 60) return `${minutes}m ${Math.floor((elapsedMs % 60_000) / 1_000)}s`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m` : `${Math.floor(minutes / 1_440)}d`;
}

export function formatAgo(at: number, now: number): string {
  const elapsedMs = now - at;
  // Clocks of two machines differ a little.
  if (elapsedMs < 1_000) return elapsedMs > -1_000 ? 'now' : `in ${formatElapsed(-elapsedMs)}`;
  return `${formatElapsed(elapsedMs)} ago`;
}

/** One line, cut to `columns`, for cells. */
export function oneLine(text: string, columns: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > columns ? `${line.slice(0, Math.max(columns - 1, 0))}…` : line;
}
