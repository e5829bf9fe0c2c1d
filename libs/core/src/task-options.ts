import { DEFAULT_TASK_OPTIONS, type TaskOptions } from './attempts.js';
import { parseDuration } from './duration.js';
import { InvalidArgumentError } from './errors.js';
import { LIMITS, NAME_PATTERN, TYPE_PATTERN } from './limits.js';
import { parseRetry } from './parse-retry.js';

/**
 * What a task may be submitted with, checked: the one place that decides, for the client, for lines of files and for
 * the options of handlers. Each throws `InvalidArgumentError` that names the argument, what was given and what was
 * expected. Options that are `undefined` or `null` count as left out.
 */
export const TASK_OPTION_NAMES = ['queue', 'maxAttempts', 'timeout', 'delay', 'key', 'retry'] as const;

export type GivenTaskOptions = Readonly<Partial<Record<(typeof TASK_OPTION_NAMES)[number], unknown>>>;

export const DEFAULT_QUEUE = 'default';

const NAME = 'a name of letters, digits, ".", "_" and "-", at most 128 characters, beginning with a letter or digit';
const TYPE = 'a task type of letters, digits, ".", "_", ":", "/" and "-", at most 128 characters';

/** All but the queue, which is the batch's. */
export function parseTaskOptions(type: unknown, given: GivenTaskOptions): TaskOptions {
  return {
    type: parseType(type),
    maxAttempts: parseAttempts(given.maxAttempts ?? undefined),
    timeoutMs: parseTimeout('timeout', given.timeout ?? undefined),
    delayMs: parseDuration('delay', given.delay ?? 0),
    retry: parseRetry('retry', given.retry ?? undefined),
    key: parseKey(given.key ?? undefined),
  };
}

/** The name of a queue, a worker or a scheduler. */
export function parseName(argument: string, given: unknown): string {
  if (typeof given === 'string' && NAME_PATTERN.test(given)) return given;
  throw new InvalidArgumentError(argument, given, NAME);
}

export function parseType(given: unknown): string {
  if (typeof given === 'string' && TYPE_PATTERN.test(given)) return given;
  throw new InvalidArgumentError('type', given, TYPE);
}

/** Left out: `null`, as long as it takes. At least 1 ms. */
export function parseTimeout(argument: string, given: unknown): number | null {
  if (given === undefined) return null;
  const timeoutMs = parseDuration(argument, given);
  if (timeoutMs > 0) return timeoutMs;
  throw new InvalidArgumentError(argument, given, 'at least 1 ms; leave it out for no timeout');
}

function parseAttempts(given: unknown): number {
  if (given === undefined) return DEFAULT_TASK_OPTIONS.maxAttempts;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= LIMITS.maxAttempts) return given;
  throw new InvalidArgumentError('maxAttempts', given, `a whole number from 1 to ${LIMITS.maxAttempts}`);
}

function parseKey(given: unknown): string | null {
  if (given === undefined) return null;
  if (typeof given !== 'string' || given.length === 0 || given.length > LIMITS.keyLength)
    throw new InvalidArgumentError('key', given, `text of 1 to ${LIMITS.keyLength} characters`);
  if (isWellFormed(given)) return given;
  throw new InvalidArgumentError('key', given, 'well-formed Unicode, without half a surrogate pair');
}

/** As `String.prototype.isWellFormed`. Text with half a surrogate pair has no UTF-8: two such texts can become one. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
