import { checkOptions } from './check-options.js';
import { parseWithinYear, type Duration } from './duration.js';
import { DroverError } from './errors.js';
import { parseLimitRef } from './limit-refs.js';

export interface RetryLaterOptions {
  /** When to run the task again, from the end of this attempt: `30s`, a year at most. */
  after: Duration;
  /** A limit of which nothing is to start until then: `gpu`, or a key of it, `stripe/acme`. Default: none is held. */
  limit?: string | undefined;
}

/**
 * Thrown by a handler to have its task run again later, without using up an attempt: somebody said 429. With `limit`
 * nothing else of that limit starts meanwhile. A task that asks for it 1,000 times in a row fails. Throws
 * `InvalidArgumentError` for a time or a limit that is none.
 */
export class RetryLater extends DroverError {
  override readonly name = 'RetryLater';
  readonly retryAfterMs: number;
  /** By these two the worker knows it, also from another realm. */
  readonly usesNoAttempt = true;
  readonly holds: string | null;
  constructor(message: string, options: RetryLaterOptions) {
    super(message);
    checkOptions(options, ['after', 'limit']);
    this.retryAfterMs = parseWithinYear('after', options.after);
    this.holds = options.limit === undefined ? null : checkedLimit(options.limit);
  }
}

function checkedLimit(limit: unknown): string {
  parseLimitRef('limit', limit);
  return limit as string;
}
