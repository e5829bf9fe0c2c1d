import { InvalidArgumentError } from './errors.js';
import { LIMITS } from './limits.js';

type Unit =
  | 'ms'
  | `millisecond${Plural}`
  | 's'
  | `sec${Plural}`
  | `second${Plural}`
  | 'm'
  | `min${Plural}`
  | `minute${Plural}`
  | 'h'
  | `hour${Plural}`
  | 'd'
  | `day${Plural}`
  | 'w'
  | `week${Plural}`;
type Plural = '' | 's';

/** Milliseconds, or a number with a unit: `250ms`, `30s`, `1.5h`, `2 days`. The longest is ten years. */
export type Duration = number | `${number}` | `${number}${'' | ' '}${Unit}`;

const UNITS: readonly (readonly [ms: number, names: readonly string[]])[] = [
  [1, ['ms', 'millisecond', 'milliseconds']],
  [1_000, ['s', 'sec', 'secs', 'second', 'seconds']],
  [60_000, ['m', 'min', 'mins', 'minute', 'minutes']],
  [3_600_000, ['h', 'hour', 'hours']],
  [86_400_000, ['d', 'day', 'days']],
  [604_800_000, ['w', 'week', 'weeks']],
];
const UNIT_MS = new Map(UNITS.flatMap(([ms, names]) => names.map((name) => [name, ms] as const)));

/** The longest duration that is accepted: ten years. */
export const LONGEST_MS = 10 * 365 * 86_400_000;

/**
 * Whole milliseconds of a number (milliseconds) or of text with a unit: `250ms`, `1.5s`, `5m`, `2h`, `1d`, `2 weeks`.
 * `argument` names it in the error. Throws `InvalidArgumentError` for anything else, below 0 and beyond ten years.
 */
export function parseDuration(argument: string, value: unknown): number {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? fromText(value) : NaN;
  if (ms >= 0 && ms <= LONGEST_MS) return Math.round(ms);
  throw new InvalidArgumentError(
    argument,
    value,
    'a number with a unit, such as 250ms, 30s, 5m or 2h, or a number of milliseconds',
  );
}

/** The same of a time that is a year at most: how long a task waits for its next attempt, and a limit is held. */
export function parseWithinYear(argument: string, value: unknown): number {
  const ms = parseDuration(argument, value);
  if (ms <= LIMITS.retryDelayMs) return ms;
  throw new InvalidArgumentError(argument, value, 'a year at most');
}

function fromText(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)?$/.exec(text.trim());
  return match === null ? NaN : Number(match[1]) * (UNIT_MS.get(match[2] ?? 'ms') ?? NaN);
}

const LARGEST_FIRST = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** For people: `6s`, `1500ms`, `5m`; the exact value in the largest unit that divides it. `parseDuration` reads it. */
export function formatDuration(ms: number): string {
  const unit = LARGEST_FIRST.find(([, size]) => ms >= size && ms % size === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}
