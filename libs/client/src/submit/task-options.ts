import {
  DEFAULT_RETRY,
  DEFAULT_TASK_OPTIONS,
  InvalidArgumentError,
  LIMITS,
  NAME_PATTERN,
  TYPE_PATTERN,
  parseDuration,
  type RetryPolicy,
  type TaskOptions,
} from '@drover/core';
import type { SubmitOptions } from '../options.js';

const DEFAULT_QUEUE = 'default';

const NAME = 'a name of letters, digits, ".", "_" and "-", at most 128 characters, beginning with a letter or digit';
const TYPE = 'a task type of letters, digits, ".", "_", ":", "/" and "-", at most 128 characters';
const NO_OPTIONS: SubmitOptions = Object.freeze({});

/**
 * Checks what a task was submitted with. `defaults` fills what `given` leaves out. Throws `InvalidArgumentError`.
 *
 * Neighbours mostly share their options, so an equal one is given back as the same object: what follows compares and
 * keeps one object for many tasks.
 */
export class OptionsResolver {
  readonly #defaults: SubmitOptions;
  #last: TaskOptions | null = null;

  constructor(defaults: SubmitOptions = NO_OPTIONS) {
    this.#defaults = defaults;
    checkUnknown(defaults);
  }

  queue(given: SubmitOptions = NO_OPTIONS): string {
    return checkQueue(given.queue ?? this.#defaults.queue ?? DEFAULT_QUEUE);
  }

  options(type: string, given: SubmitOptions = NO_OPTIONS): TaskOptions {
    const from = this.#defaults;
    if (given !== NO_OPTIONS) checkUnknown(given);
    const options: TaskOptions = {
      type: this.#last?.type === type ? type : checkType(type),
      maxAttempts: toAttempts(given.maxAttempts ?? from.maxAttempts),
      timeoutMs: toTimeout(given.timeout ?? from.timeout),
      delayMs: toDelay(given.delay ?? from.delay),
      retry: toRetry(given.retry ?? from.retry),
      key: toKey(given.key ?? from.key),
    };
    if (this.#last !== null && sameOptions(this.#last, options)) return this.#last;
    this.#last = options;
    return options;
  }
}

/** Whether two tasks can be in one group of a batch. */
export function sameOptions(a: TaskOptions, b: TaskOptions): boolean {
  return (
    a === b ||
    (a.type === b.type &&
      a.key === b.key &&
      a.maxAttempts === b.maxAttempts &&
      a.timeoutMs === b.timeoutMs &&
      a.delayMs === b.delayMs &&
      sameRetry(a.retry, b.retry))
  );
}

function sameRetry(a: RetryPolicy | null, b: RetryPolicy | null): boolean {
  if (a === null || b === null) return a === b;
  return a.kind === b.kind && a.delayMs === b.delayMs && a.maxDelayMs === b.maxDelayMs && a.jitter === b.jitter;
}

/** Throws `InvalidArgumentError`. */
export function checkQueue(queue: unknown, argument = 'queue'): string {
  if (typeof queue === 'string' && NAME_PATTERN.test(queue)) return queue;
  throw new InvalidArgumentError(argument, queue, NAME);
}

function checkType(type: unknown): string {
  if (typeof type === 'string' && TYPE_PATTERN.test(type)) return type;
  throw new InvalidArgumentError('type', type, TYPE);
}

function toAttempts(given: number | undefined): number {
  if (given === undefined) return DEFAULT_TASK_OPTIONS.maxAttempts;
  if (Number.isInteger(given) && given >= 1 && given <= LIMITS.maxAttempts) return given;
  throw new InvalidArgumentError('maxAttempts', given, `a whole number from 1 to ${LIMITS.maxAttempts}`);
}

function toTimeout(given: unknown): number | null {
  if (given === undefined) return null;
  const timeoutMs = parseDuration('timeout', given);
  if (timeoutMs > 0) return timeoutMs;
  throw new InvalidArgumentError('timeout', given, 'at least 1 ms; leave it out for no timeout');
}

function toDelay(given: unknown): number {
  return given === undefined ? 0 : parseDuration('delay', given);
}

function toKey(given: unknown): string | null {
  if (given === undefined) return null;
  if (typeof given === 'string' && given.length > 0 && given.length <= LIMITS.keyLength) return given;
  throw new InvalidArgumentError('key', given, `text of 1 to ${LIMITS.keyLength} characters`);
}

function toRetry(given: Partial<RetryPolicy> | undefined): RetryPolicy | null {
  if (given === undefined) return null;
  const policy = { ...DEFAULT_RETRY, ...given };
  if (!['constant', 'linear', 'exponential'].includes(policy.kind))
    throw new InvalidArgumentError('retry.kind', policy.kind, "'constant', 'linear' or 'exponential'");
  policy.delayMs = parseDuration('retry.delayMs', policy.delayMs);
  policy.maxDelayMs = parseDuration('retry.maxDelayMs', policy.maxDelayMs);
  if (!(policy.jitter >= 0 && policy.jitter <= 1))
    throw new InvalidArgumentError('retry.jitter', policy.jitter, 'a share from 0 to 1');
  return policy;
}

const KNOWN: ReadonlySet<string> = new Set([
  'queue',
  'maxAttempts',
  'timeout',
  'delay',
  'key',
  'retry',
  'type',
  'payload',
  'signal',
]);

/** A misspelt option must not pass for none. */
function checkUnknown(given: object): void {
  for (const name in given)
    if (!KNOWN.has(name)) throw new InvalidArgumentError(name, 'an option', `one of ${[...KNOWN].join(', ')}`);
}
