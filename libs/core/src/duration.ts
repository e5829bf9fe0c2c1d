import { InvalidArgumentError } from './errors.js';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 10 * 365 * 86_400_000;

/**
 * Whole milliseconds of a number (milliseconds) or of text with a unit: `250ms`, `1.5s`, `5m`, `2h`, `1d`.
 * `argument` names it in the error. Throws `InvalidArgumentError` for anything else, below 0 and beyond ten years.
 */
export function parseDuration(argument: string, value: unknown): number {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? fromText(value) : NaN;
  if (ms >= 0 && ms <= LONGEST_MS) return Math.round(ms);
  throw new InvalidArgumentError(argument, value, "milliseconds or a number with a unit, such as 250ms, '30s', '5m'");
}

function fromText(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim());
  return match === null ? NaN : Number(match[1]) * (UNIT_MS[match[2] ?? 'ms'] ?? NaN);
}
