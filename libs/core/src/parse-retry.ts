import { checkOptions } from './check-options.js';
import { parseDuration } from './duration.js';
import { InvalidArgumentError } from './errors.js';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.js';
import { numberFromText, type Shape } from './shapes.js';

const KINDS = ['constant', 'linear', 'exponential'] as const satisfies RetryPolicy['kind'][];
const NAMES = ['kind', 'delayMs', 'maxDelayMs', 'jitter'] as const satisfies (keyof RetryPolicy)[];

/** The shape of `retry` in records. */
export const RETRY_SHAPE: Shape = {
  kind: 'fields',
  fields: {
    kind: { kind: 'choice', of: KINDS },
    delayMs: { kind: 'number', min: 0 },
    maxDelayMs: { kind: 'number', min: 0 },
    jitter: { kind: 'number', min: 0, max: 1 },
  },
};

export function sameRetry(a: RetryPolicy | null, b: RetryPolicy | null): boolean {
  if (a === null || b === null) return a === b;
  return NAMES.every((name) => a[name] === b[name]);
}

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
  if ((KINDS as readonly unknown[]).includes(given)) return given as RetryPolicy['kind'];
  throw new InvalidArgumentError(argument, given, "'constant', 'linear' or 'exponential'");
}

function toShare(argument: string, given: unknown): number {
  if (typeof given === 'number' && given >= 0 && given <= 1) return given;
  throw new InvalidArgumentError(argument, given, 'a share from 0 to 1');
}

const FLAG = `KIND[,delay=1s][,max=5m][,jitter=0.2], where KIND is one of ${KINDS.join(', ')}`;

/**
 * `constant,delay=30s` of a command line as a policy, without the fields that were left out. Throws
 * `InvalidArgumentError`.
 */
export function retryFromText(given: string): Partial<RetryPolicy> {
  const [first = '', ...rest] = given.split(',').map((part) => part.trim());
  const kind = KINDS.find((known) => known === first);
  if (kind === undefined) throw new InvalidArgumentError('retry', given, FLAG);
  return Object.assign({ kind }, ...rest.map((part) => partFromText(part, given))) as Partial<RetryPolicy>;
}

function partFromText(part: string, given: string): Partial<RetryPolicy> {
  const [name, value = ''] = part.split('=', 2);
  switch (name) {
    case 'delay':
      return { delayMs: parseDuration('retry: delay', value) };
    case 'max':
      return { maxDelayMs: parseDuration('retry: max', value) };
    case 'jitter':
      return { jitter: numberFromText(value) as number };
    default:
      throw new InvalidArgumentError('retry', given, FLAG);
  }
}
