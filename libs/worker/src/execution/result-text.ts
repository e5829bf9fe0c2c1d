import { FAILURES, LIMITS } from '@drover/core';
import { rejected } from './failure.js';
import type { CallEnd } from './executor.js';
import { fullMessageOf, isErrorLike, nameOf, show } from './thrown.js';

/**
 * A handler's result as JSON text; `undefined` becomes `null`. A result that is not JSON or too large is the handler's
 * fault, and another attempt would repeat it with its side effects: such a task is rejected, not retried.
 */
export function endOfReturned(value: unknown): CallEnd {
  if (value === undefined) return { outcome: 'succeeded', result: 'null' };
  if (typeof value === 'object' && isLostInJson(value)) return notJson(describe(value));
  try {
    // The types promise a string, but functions and symbols give undefined.
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? notJson(`a ${typeof value}`) : endOfText(text);
  } catch (error) {
    return notJson(isErrorLike(error) ? (fullMessageOf(error).split('\n')[0] ?? '') : `toJSON threw ${show(error)}`);
  }
}

/** `text`: a result that is JSON already. */
export function endOfText(text: string): CallEnd {
  // A UTF-16 unit is 3 bytes of UTF-8 at most: most results need no count.
  if (text.length * 3 <= LIMITS.resultBytes) return { outcome: 'succeeded', result: text };
  const bytes = Buffer.byteLength(text);
  if (bytes <= LIMITS.resultBytes) return { outcome: 'succeeded', result: text };
  return resultTooLarge(`the result is too large: ${bytes} bytes as JSON, the limit is ${LIMITS.resultBytes}`);
}

/** `what`: how large it is, and what is allowed. */
export function resultTooLarge(what: string): CallEnd & { outcome: 'failed' | 'rejected' } {
  return rejected(FAILURES.RESULT_TOO_LARGE, `${what}; store it elsewhere and return a reference`);
}

/** `JSON.stringify` gives `{}` for these, and what they hold would be lost without a word. */
function isLostInJson(value: object | null): value is object {
  try {
    return value instanceof Error ? !('toJSON' in value) : value instanceof Map || value instanceof Set;
  } catch {
    return false;
  }
}

function describe(value: object): string {
  if (value instanceof Error) return `an error instead of throwing it: ${nameOf(value)}: ${fullMessageOf(value)}`;
  return value instanceof Map ? 'a Map (Object.fromEntries makes an object of it)' : 'a Set (spread it into an array)';
}

function notJson(what: string): CallEnd {
  return rejected(FAILURES.RESULT_NOT_JSON, `the handler's result is not JSON-serializable: ${what}`);
}
