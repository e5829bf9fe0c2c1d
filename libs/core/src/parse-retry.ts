import { checkOptions } from './check-options.js';
import { parseDuration } from './duration.js';
import { InvalidArgumentError } from './errors.js';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.js';

const KINDS: readonly unknown[] = ['constant', 'linear', 'exponential'] satisfies RetryPolicy['kind'][];
const NAMES = ['kind', 'delayMs', 'maxDelayMs', 'jitter'] as const satisfies (keyof RetryPolicy)[];

/**
 * A retry policy, whole, in finite numbers: the default where a field is left out, and `maxDelayMs` is at least
 * `delayMs` then. `null` where there is none. `argument` names it in errors. Throws `InvalidArgumentError`, also for
 * unknown names.
 */
export function parseRetry(argument: string, given: unknown): RetryPolicy | null {
  if (given === undefined) return null;
  checkOptions(given, NAMES, argument);
  const { kind, delayMs, maxDelayMs, jitter }: Partial<Record<keyof RetryPolicy, unknown>> = given;
  const delay = parseDuration(`${argument}.delayMs`, delayMs ?? DEFAULT_RETRY.delayMs);
  return {
    kind: toKind(`${argument}.kind`, kind ?? DEFAULT_RETRY.kind),
    delayMs: delay,
    maxDelayMs: parseDuration(`${argument}.maxDelayMs`, maxDelayMs ?? Math.max(DEFAULT_RETRY.maxDelayMs, delay)),
    jitter: toShare(`${argument}.jitter`, jitter ?? DEFAULT_RETRY.jitter),
  };
}

function toKind(argument: string, given: unknown): RetryPolicy['kind'] {
  if (KINDS.includes(given)) return given as RetryPolicy['kind'];
  throw new InvalidArgumentError(argument, given, "'constant', 'linear' or 'exponential'");
}

function toShare(argument: string, given: unknown): number {
  if (typeof given === 'number' && given >= 0 && given <= 1) return given;
  throw new InvalidArgumentError(argument, given, 'a share from 0 to 1');
}
