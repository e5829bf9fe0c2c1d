import { FAILURES, LIMITS, RejectTaskError } from '@drover/core';
import test from 'ava';
import { endOfThrown } from './failure.js';

test('an error keeps its name, message and stack, and is retried', (t) => {
  const end = endOfThrown(new TypeError('no such thing'));
  if (end.outcome !== 'failed') return t.fail(end.outcome);
  t.is(end.error.name, 'TypeError');
  t.is(end.error.message, 'no such thing');
  t.true(end.error.stack?.includes('failure.test'));
  t.true(end.error.retryable);
});

test('retryable: false rejects the task', (t) => {
  t.is(endOfThrown(new RejectTaskError('never')).outcome, 'rejected');
  t.is(endOfThrown(Object.assign(new Error('no'), { retryable: false })).outcome, 'rejected');
});

test('retryAfterMs of the error is kept where it is a delay', (t) => {
  const delayOf = (retryAfterMs: unknown): unknown => {
    const end = endOfThrown(Object.assign(new Error('busy'), { retryAfterMs }));
    return end.outcome === 'failed' ? end.retryAfterMs : end.outcome;
  };
  t.is(delayOf(250), 250);
  t.is(delayOf(-1), undefined);
  t.is(delayOf(Number.NaN), undefined);
  t.is(delayOf('1s'), undefined);
});

test('anything can be thrown', (t) => {
  const hostile = new Proxy({}, { get: () => { throw new Error('gotcha'); } }); // prettier-ignore
  for (const thrown of [undefined, null, 7, 7n, 'text', Symbol('s'), () => 1, { a: 1 }, hostile]) {
    const end = endOfThrown(thrown);
    if (end.outcome !== 'failed') return t.fail(end.outcome);
    t.is(end.error.name, FAILURES.THROWN_NON_ERROR);
  }
});

test('messages and stacks are clipped', (t) => {
  const end = endOfThrown(new Error('x'.repeat(100_000)));
  if (end.outcome !== 'failed') return t.fail(end.outcome);
  t.is(end.error.message.length, LIMITS.failureChars);
  t.is(end.error.stack?.length, LIMITS.failureChars);
});
