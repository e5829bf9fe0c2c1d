import {
  checkOptions,
  DEFAULT_QUEUE,
  InvalidArgumentError,
  parseName,
  parseTaskOptions,
  TASK_OPTION_NAMES,
  type RetryPolicy,
  type TaskOptions,
} from '@drover/core';
import type { SubmitOptions } from '../options.js';

const NO_OPTIONS: SubmitOptions = Object.freeze({});
const OPTIONS: readonly (keyof SubmitOptions)[] = TASK_OPTION_NAMES;

/**
 * Checks what a task was submitted with. `defaults` fills what `given` leaves out. Throws `InvalidArgumentError`.
 *
 * Neighbours mostly share their options: one that is given the same is not checked again, and gets the same object, so
 * that what follows compares and keeps one object for many tasks.
 */
export class OptionsResolver {
  readonly #defaults: SubmitOptions;
  #last: { type: unknown; given: SubmitOptions; queue: string; options: TaskOptions } | null = null;

  constructor(defaults: SubmitOptions = NO_OPTIONS) {
    checkOptions(defaults, OPTIONS);
    // Not the caller's object, which may change.
    this.#defaults = { ...defaults };
  }

  /** `names`: what `given` may hold. */
  resolve(
    type: unknown,
    given: SubmitOptions = NO_OPTIONS,
    names: readonly string[] = OPTIONS,
  ): { queue: string; options: TaskOptions } {
    if (given !== NO_OPTIONS) checkOptions(given, names);
    const last = this.#last;
    if (last !== null && last.type === type && isGivenAlike(last.given, given)) return last;
    const { queue, maxAttempts, timeout, delay, retry, key } = this.#merged(given);
    const resolved = {
      queue: parseName('queue', queue ?? DEFAULT_QUEUE),
      options: parseTaskOptions(type, { maxAttempts, timeout, delay, retry, key }),
    };
    if (last !== null && sameOptions(last.options, resolved.options)) resolved.options = last.options;
    this.#last = { type, given: copyOf(given), ...resolved };
    return resolved;
  }

  #merged(given: SubmitOptions): SubmitOptions {
    const from = this.#defaults;
    return {
      queue: given.queue ?? from.queue,
      maxAttempts: given.maxAttempts ?? from.maxAttempts,
      timeout: given.timeout ?? from.timeout,
      delay: given.delay ?? from.delay,
      retry: given.retry ?? from.retry,
      key: given.key ?? from.key,
    };
  }
}

/** A policy may be changed by its owner between two submits: only none is like none. */
function isGivenAlike(a: SubmitOptions, b: SubmitOptions): boolean {
  return (
    a.queue === b.queue &&
    a.maxAttempts === b.maxAttempts &&
    a.timeout === b.timeout &&
    a.delay === b.delay &&
    a.key === b.key &&
    a.retry === undefined &&
    b.retry === undefined
  );
}

function copyOf({ queue, maxAttempts, timeout, delay, key, retry }: SubmitOptions): SubmitOptions {
  return { queue, maxAttempts, timeout, delay, key, retry };
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
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal === null || signal instanceof AbortSignal) return;
  throw new InvalidArgumentError('signal', signal, 'an AbortSignal');
}
