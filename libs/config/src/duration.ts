import ms, { type StringValue } from 'ms';

/** Milliseconds from a number of them or from text as `250`, `30s`, `1.5m`, `2 hours`; `null` where it is neither. */
export function parseDuration(given: unknown): number | null {
  const value = typeof given === 'string' && given.trim() !== '' ? textToMs(given.trim()) : given;
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** `ms` answers undefined for other text, whatever its types say, and throws where it is too long. */
function textToMs(text: string): number | undefined {
  return text.length > 100 ? undefined : ms(text as StringValue);
}

/** For people: `6s`, `1500ms`, `5m`; the exact value in the largest unit that divides it. */
export function formatDuration(durationMs: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  const unit = units.find(([, size]) => durationMs >= size && durationMs % size === 0);
  return unit === undefined ? `${durationMs}ms` : `${durationMs / unit[1]}${unit[0]}`;
}
