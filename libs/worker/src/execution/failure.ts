import { FAILURES, LIMITS, type TaskFailure } from '@drover/core';
import type { CallEnd } from './lane.js';

/**
 * What a handler threw, as a record. Of a thrown error (anything with a text `message` counts, also from another realm)
 * two more properties are heeded: `retryable: false` ends the task, `retryAfterMs` says when to try again.
 * Never throws, whatever getters and proxies the thrown value has.
 */
export function endOfThrown(thrown: unknown): CallEnd {
  try {
    return isErrorLike(thrown) ? endOfError(thrown) : failed(FAILURES.THROWN_NON_ERROR, `thrown: ${show(thrown)}`);
  } catch {
    return failed(FAILURES.THROWN_NON_ERROR, 'thrown: a value that cannot be read');
  }
}

export function failed(name: string, message: string): CallEnd {
  return { outcome: 'failed', error: { name, message: clip(message), retryable: true } };
}

/** For faults that another attempt would only repeat. */
export function rejected(name: string, message: string): CallEnd {
  return { outcome: 'rejected', error: { name, message: clip(message), retryable: false } };
}

interface ErrorLike {
  name?: unknown;
  message: string;
  stack?: unknown;
  retryable?: unknown;
  retryAfterMs?: unknown;
}

function isErrorLike(value: unknown): value is ErrorLike {
  return typeof value === 'object' && value !== null && typeof (value as { message?: unknown }).message === 'string';
}

function endOfError({ name, message, stack, retryable, retryAfterMs }: ErrorLike): CallEnd {
  const error: TaskFailure = {
    name: typeof name === 'string' && name !== '' ? clip(name) : 'Error',
    message: clip(message),
    ...(typeof stack === 'string' ? { stack: clip(ownFrames(stack)) } : {}),
    retryable: retryable !== false,
  };
  if (!error.retryable) return { outcome: 'rejected', error };
  return isDelay(retryAfterMs) ? { outcome: 'failed', error, retryAfterMs } : { outcome: 'failed', error };
}

const isDelay = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

function show(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : (JSON.stringify(value) as string | undefined);
  return text ?? String(value);
}

/** The handler's part of a stack: below it is how the thread came to call it, which tells nobody anything. */
function ownFrames(stack: string): string {
  const at = stack.indexOf(ENTRY);
  return at < 0 ? stack : stack.slice(0, stack.lastIndexOf('\n', at));
}
// With source maps it ends in .ts.
const ENTRY = '/handler-thread.entry.';

function clip(text: string): string {
  return text.length > LIMITS.failureChars ? `${text.slice(0, LIMITS.failureChars - 3)}...` : text;
}
