import { FAILURES, LIMITS } from '@drover/core';
import test from 'ava';
import { endOfReturned } from './result-text.js';

test('JSON is succeeded, undefined is null', (t) => {
  t.deepEqual(endOfReturned({ a: [1, 'x', null] }), { outcome: 'succeeded', result: '{"a":[1,"x",null]}' });
  t.deepEqual(endOfReturned(undefined), { outcome: 'succeeded', result: 'null' });
});

test('what JSON cannot carry is rejected', (t) => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  for (const value of [() => 1, Symbol('s'), 1n, { big: 1n }, cycle]) {
    const end = endOfReturned(value);
    if (end.outcome !== 'rejected') return t.fail(end.outcome);
    t.is(end.error.name, FAILURES.RESULT_NOT_JSON);
  }
});

test('what JSON would lose in silence is rejected, and named', (t) => {
  for (const [value, what] of [
    [new TypeError('returned, not thrown'), /an error instead of throwing it: TypeError: returned, not thrown/],
    [new Map([['a', 1]]), /a Map/],
    [new Set([1]), /a Set/],
    [{ big: 1n }, /BigInt/],
  ] as const) {
    const end = endOfReturned(value);
    if (end.outcome !== 'rejected') return t.fail(end.outcome);
    t.regex(end.error.message, what);
  }
});

test('the limit is of UTF-8 bytes, and is allowed itself', (t) => {
  t.is(endOfReturned('x'.repeat(LIMITS.resultBytes - 2)).outcome, 'succeeded');
  const end = endOfReturned('x'.repeat(LIMITS.resultBytes - 1));
  if (end.outcome !== 'rejected') return t.fail(end.outcome);
  t.is(end.error.name, FAILURES.RESULT_TOO_LARGE);
  t.is(endOfReturned('€'.repeat(LIMITS.resultBytes / 3)).outcome, 'rejected');
});
