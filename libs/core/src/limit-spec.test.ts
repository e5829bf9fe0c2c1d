import test from 'ava';
import { InvalidArgumentError } from './errors.js';
import { checkLimitRef, parseLimitRef, parseLimitRefs } from './limit-refs.js';
import { formatLimit, formatRate, parseLimit, sameLimit } from './limit-spec.js';
import { parseSequence, sequenceFromText } from './parse-sequence.js';

test('a limit is a concurrency, a rate, or both; the burst is a tenth of the rate unless it is given', (t) => {
  t.deepEqual(parseLimit('', { concurrency: 3 }), { concurrency: 3, rate: null, on: null, per: 'all' });
  t.deepEqual(parseLimit('', { rate: '100/1s', per: 'key' }).rate, { limit: 100, periodMs: 1_000, burst: 10 });
  t.deepEqual(parseLimit('', { rate: '5/m' }).rate, { limit: 5, periodMs: 60_000, burst: 1 });
  const both = parseLimit('', { concurrency: 2, rate: { limit: 9, period: '90s', burst: 9 }, on: {}, per: 'tenant' });
  t.deepEqual(both, { concurrency: 2, rate: { limit: 9, periodMs: 90_000, burst: 9 }, on: {}, per: 'tenant' });
  t.is(formatLimit(both), '2 at a time and 9/90s (9 at once) per tenant for every task');
  for (const text of ['100/1s', '5/1m', '7/1500ms', '3/1d'] as const)
    t.is(formatRate(parseLimit('', { rate: text }).rate ?? { limit: 0, periodMs: 0, burst: 0 }), text);
  t.true(sameLimit(both, { ...both, on: {} }));
  t.false(sameLimit(both, { ...both, on: { queue: 'q' } }));
});

test('what is no limit is refused, and the error names the field', (t) => {
  const refused: [argument: string, given: unknown][] = [
    ['options', 'x'],
    ['concurrency', {}],
    ['concurrency', { concurrency: 0 }],
    ['concurrency', { concurrency: 1.5 }],
    ['concurrency', { concurrency: '3' }],
    ['rate', { rate: '0/1s' }],
    ['rate', { rate: 'fast' }],
    ['rate.limit', { rate: { limit: 0, period: '1s' } }],
    ['rate.period', { rate: { limit: 1, period: 0 } }],
    ['rate.burst', { rate: { limit: 5, period: '1s', burst: 6 } }],
    ['rate.brust', { rate: { limit: 5, period: '1s', brust: 6 } }],
    ['on.queue', { concurrency: 1, on: { queue: 'a b' } }],
    ['on.tenant', { concurrency: 1, on: { tenant: 'a' } }],
    ['per', { concurrency: 1, per: 'user' }],
    ['per', { concurrency: 1, per: 'key', on: {} }],
    ['of', { concurrency: 1, of: 'x' }],
  ];
  for (const [argument, given] of refused) {
    const error = t.throws(() => parseLimit('', given), { instanceOf: InvalidArgumentError });
    t.is(error.argument, argument, JSON.stringify(given));
  }
});

test('a task names limits, each once and sorted; a key is any text of 128 bytes', (t) => {
  t.deepEqual(parseLimitRefs('limits', ['gpu', 'a/x', 'gpu']), ['a/x', 'gpu']);
  t.is(parseLimitRefs('limits', []), null);
  // eslint-disable-next-line no-sparse-arrays -- a hole is what is tried
  t.throws(() => parseLimitRefs('limits', [, 'gpu']), { instanceOf: InvalidArgumentError });
  t.deepEqual(parseLimitRef('limit', 'a/b/c ü'), { name: 'a', key: 'b/c ü' });
  const long = 'ü'.repeat(64);
  t.notThrows(() => parseLimitRef('limit', `a/${long}`));
  const nine = Array.from({ length: 9 }, (_, n) => `l${n}`);
  for (const wrong of [7, [7], ['a/'], ['/a'], [`a/${long}x`], ['a/\ud800'], nine])
    t.is(t.throws(() => parseLimitRefs('limits', wrong), { instanceOf: InvalidArgumentError }).argument, 'limits');
  const [all, perKey] = [parseLimit('', { concurrency: 1 }), parseLimit('', { concurrency: 1, per: 'key' })];
  t.notThrows(() => checkLimitRef('limits', 'a', all));
  t.notThrows(() => checkLimitRef('limits', 'a/x', perKey));
  t.throws(() => checkLimitRef('limits', 'a/x', all), { message: /without a key/ });
  t.throws(() => checkLimitRef('limits', 'a', perKey), { message: /counts per key/ });
});

test('a sequence is a text, or a key and what a failure does', (t) => {
  t.deepEqual(parseSequence('sequence', 'order-42'), { key: 'order-42', onFailure: 'continue' });
  t.deepEqual(sequenceFromText('order-42,onFailure=block'), { key: 'order-42', onFailure: 'block' });
  for (const wrong of ['', 'x'.repeat(129), 7, { key: '' }, { key: 'a', onFailure: 'stop' }, { key: 'a', of: 1 }])
    t.throws(() => parseSequence('sequence', wrong), { instanceOf: InvalidArgumentError });
  for (const wrong of ['a,b', 'a,onFailure=block,x=1'])
    t.throws(() => sequenceFromText(wrong), { instanceOf: InvalidArgumentError });
});
