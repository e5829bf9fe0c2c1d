import { FAILURES, InvalidArgumentError, LIMITS, RejectTaskError, RetryLater } from '@drover/core';
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

test('RetryLater asks for a later run, and may hold a limit; what is thrown in another realm counts by its fields', (t) => {
  const end = endOfThrown(new RetryLater('429', { after: '30s', limit: 'stripe/acme' }));
  t.like(end, { outcome: 'later', retryAfterMs: 30_000, holds: 'stripe/acme' });
  t.like('error' in end ? end.error : {}, { name: 'RetryLater', message: '429', retryable: true });
  t.like(endOfThrown(new RetryLater('busy', { after: 0 })), { outcome: 'later', retryAfterMs: 0, holds: null });
  const foreign = { message: 'busy', retryAfterMs: 5, usesNoAttempt: true };
  t.like(endOfThrown({ ...foreign, holds: 'gpu' }), { outcome: 'later', retryAfterMs: 5, holds: 'gpu' });
  t.like(endOfThrown({ ...foreign, holds: 'no limit' }), { outcome: 'later', holds: null });
  t.is(endOfThrown({ ...foreign, retryAfterMs: 'soon' }).outcome, 'failed');
  for (const wrong of [{}, { after: 'soon' }, { after: '5s', limit: 'a b' }, { after: '5s', limit: 'a/' }])
    t.throws(() => new RetryLater('x', wrong as { after: '5s' }), { instanceOf: InvalidArgumentError });
});

test('anything can be thrown', (t) => {
  const hostile = new Proxy({}, { get: () => { throw new Error('gotcha'); } }); // prettier-ignore
  for (const thrown of [undefined, null, 7, 7n, 'text', Symbol('s'), () => 1, { a: 1 }, hostile]) {
    const end = endOfThrown(thrown);
    if (end.outcome !== 'failed') return t.fail(end.outcome);
    t.is(end.error.name, FAILURES.THROWN_NON_ERROR);
  }
});

/** The name and the message that reach the submitter. */
function told(thrown: unknown): [name: string, message: string] {
  const end = endOfThrown(thrown);
  if (!('error' in end)) throw new Error(end.outcome);
  return [end.error.name, end.error.message];
}

const throwing = (property: string): Error =>
  Object.defineProperty(new Error('the message'), property, {
    get: () => {
      throw new Error('gotcha');
    },
  });

test('an error whose properties cannot be read keeps what can be', (t) => {
  for (const property of ['name', 'stack', 'cause', 'errors', 'retryable', 'retryAfterMs'])
    t.deepEqual(told(throwing(property)), ['Error', 'the message'], property);
  t.deepEqual(told(throwing('message')), ['Error', 'an error whose message cannot be read']);
  for (const name of [Symbol('s'), 7, '', null, { a: 1 }])
    t.deepEqual(told(Object.assign(new Error('the message'), { name })), ['Error', 'the message']);
});

test('what is thrown and is no error is shown', (t) => {
  for (const [thrown, shown] of [
    [5n, '5n'],
    ['text', '"text"'],
    [Symbol('s'), 'Symbol(s)'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ code: 7, inner: { big: 5n } }, '{ code: 7, inner: { big: 5n } }'],
  ] as const)
    t.deepEqual(told(thrown), [FAILURES.THROWN_NON_ERROR, `thrown: ${shown}`]);
  const circular: Record<string, unknown> = { a: 1 };
  circular.self = circular;
  t.regex(told(circular)[1], /a: 1.*Circular/);
});

test('causes and the reasons of an AggregateError are told', (t) => {
  const cause = new TypeError('the cause', { cause: new RangeError('behind it') });
  const [, chain] = told(new Error('on top', { cause }));
  t.is(chain, 'on top; caused by TypeError: the cause; caused by RangeError: behind it');
  t.is(told(new Error('on top', { cause: 'a text' }))[1], 'on top; caused by "a text"');
  t.is(told(new Error('wrapped: the cause', { cause: new Error('the cause') }))[1], 'wrapped: the cause');
  const all = new AggregateError([new TypeError('one'), 'two', new Error('three', { cause: 3 })], 'all failed');
  t.is(told(all)[1], 'all failed: (1) TypeError: one, (2) "two", (3) Error: three; caused by 3');
  const round = new Error('round');
  round.cause = new Error('and', { cause: round });
  t.is(told(round)[1], 'round; caused by Error: and');
});

test('a computed delay is a year at most', (t) => {
  for (const retryAfterMs of [Number.POSITIVE_INFINITY, Number.MAX_VALUE]) {
    const end = endOfThrown(Object.assign(new Error('busy'), { retryAfterMs }));
    t.is(end.outcome === 'failed' && end.retryAfterMs, 365 * 86_400_000);
  }
});

test('messages and stacks are clipped', (t) => {
  const end = endOfThrown(new Error('x'.repeat(100_000)));
  if (end.outcome !== 'failed') return t.fail(end.outcome);
  t.is(end.error.message.length, LIMITS.failureChars);
  t.is(end.error.stack?.length, LIMITS.failureChars);
});
