import { FAILURES, LIMITS, parseLimitRef, type RecordError, type TaskFailure } from '@drover/core';
import type { CallEnd } from './executor.js';
import { fullMessageOf, isErrorLike, nameOf, read, show } from './thrown.js';

/** A delay that was computed is never longer: a year. */
export const LONGEST_DELAY_MS = 365 * 86_400_000;

/**
 * Makes a record of the value that a handler threw. Of a thrown error (anything with a text `message` counts, also from
 * another realm) more properties are heeded: `retryable: false` ends the task, `retryAfterMs` says when to try again (a
 * year at most), and with that `usesNoAttempt` and `holds` as of `RetryLater`. Never throws, whatever getters and proxies the thrown value has.
 */
export function endOfThrown(thrown: unknown): CallEnd {
  if (!isErrorLike(thrown)) return failed(FAILURES.THROWN_NON_ERROR, `thrown: ${show(thrown)}`);
  const error = failureOf(thrown);
  if (!error.retryable) return { outcome: 'rejected', error };
  const retryAfterMs = boundedDelay(read(thrown, 'retryAfterMs'));
  if (retryAfterMs !== undefined && read(thrown, 'usesNoAttempt') === true)
    return { outcome: 'later', error, retryAfterMs, holds: limitOf(read(thrown, 'holds')) };
  return retryAfterMs === undefined ? { outcome: 'failed', error } : { outcome: 'failed', error, retryAfterMs };
}

/** A limit that is none is not held: the task is to run again all the same. */
function limitOf(given: unknown): string | null {
  try {
    parseLimitRef('holds', given);
    return given as string;
  } catch {
    return null;
  }
}

export function failed(name: string, message: string): CallEnd {
  return { outcome: 'failed', error: { name, message: clip(message), retryable: true } };
}

/** For faults that another attempt would only repeat. */
export function rejected(name: string, message: string): CallEnd & { outcome: 'failed' | 'rejected' } {
  return { outcome: 'rejected', error: { name, message: clip(message), retryable: false } };
}

/** In an upgrade that rolls, the next worker may understand it. */
const OTHER_WORKERS_MS = 30_000;

/**
 * For tasks that need what this worker does not understand. It hands them back as a failed attempt, so that they come to
 * an end where no worker ever understands them, and not at once, so that another one may be there by then.
 */
export function notUnderstood({ message }: RecordError): CallEnd {
  const error = {
    name: FAILURES.NOT_UNDERSTOOD,
    message: clip(`this worker may not run it: ${message}`),
    retryable: true,
  };
  return { outcome: 'failed', error, retryAfterMs: OTHER_WORKERS_MS };
}

function failureOf(error: object): TaskFailure {
  const stack = read(error, 'stack');
  return {
    name: clip(nameOf(error)),
    message: clip(fullMessageOf(error)),
    ...(typeof stack === 'string' ? { stack: clip(ownFrames(stack)) } : {}),
    retryable: read(error, 'retryable') !== false,
  };
}

/** A delay that a record can carry: a year at most; `undefined` for what is none, as `NaN` and `-1`. */
export function boundedDelay(value: unknown): number | undefined {
  const isDelay = typeof value === 'number' && value >= 0;
  return isDelay ? Math.min(value, LONGEST_DELAY_MS) : undefined;
}

/** The handler's part of a stack: below it is how the thread came to call it, which tells nobody anything. */
function ownFrames(stack: string): string {
  const at = stack.search(CALLED_BY);
  return at < 0 ? stack : stack.slice(0, stack.lastIndexOf('\n', at));
}
// With source maps they end in .ts.
const CALLED_BY = /\/(handler-thread\.entry|call-handler)\./;

function clip(text: string): string {
  return text.length > LIMITS.failureChars ? `${text.slice(0, LIMITS.failureChars - 3)}...` : text;
}
