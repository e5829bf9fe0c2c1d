import { FAILURES, LIMITS } from '@drover/core';
import { rejected } from './failure.js';
import type { CallEnd } from './lane.js';

/**
 * What a handler returned, as JSON text; `undefined` is `null`. What is no JSON or too large is the handler's fault and
 * would be the same again, with its side effects once more: such a task is rejected, not retried.
 */
export function endOfReturned(value: unknown): CallEnd {
  if (value === undefined) return { outcome: 'succeeded', result: 'null' };
  try {
    // The types promise a string, but functions and symbols give undefined.
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? notJson(`a ${typeof value}`) : endOfText(text);
  } catch (error) {
    return notJson(error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'toJSON failed');
  }
}

/** `text`: a result that is JSON already. */
export function endOfText(text: string): CallEnd {
  // A UTF-16 unit is 3 bytes of UTF-8 at most: most results need no count.
  if (text.length * 3 <= LIMITS.resultBytes) return { outcome: 'succeeded', result: text };
  const bytes = Buffer.byteLength(text);
  if (bytes <= LIMITS.resultBytes) return { outcome: 'succeeded', result: text };
  return rejected(
    FAILURES.RESULT_TOO_LARGE,
    `the result is ${bytes} bytes as JSON, at most ${LIMITS.resultBytes} are allowed; store it elsewhere and return a reference`,
  );
}

function notJson(what: string): CallEnd {
  return rejected(FAILURES.RESULT_NOT_JSON, `the handler returned what JSON cannot carry: ${what}`);
}
