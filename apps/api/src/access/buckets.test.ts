import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { Buckets } from './buckets.js';

test('a bucket gives its burst at once, and then so many a second', (t) => {
  const buckets = new Buckets({ perSecond: 2, burst: 3 });
  t.deepEqual(
    [1, 2, 3, 4].map(() => buckets.take('a', 0)),
    [0, 0, 0, 500],
  );
  t.is(buckets.waitMs('a', 400), 100);
  t.is(buckets.take('a', 500), 0);
  t.is(buckets.take('a', 500), 500);
  t.is(buckets.take('b', 500), 0, 'another name has a bucket of its own');
});

test('five failed sign-ins a minute, then one each twelve seconds', (t) => {
  const buckets = new Buckets({ perSecond: 5 / 60, burst: 5 });
  for (let i = 0; i < 5; i++) t.is(buckets.take('10.0.0.1', 0), 0);
  t.is(buckets.waitMs('10.0.0.1', 0), 12_000);
  t.is(buckets.waitMs('10.0.0.1', 12_000), 0);
});

testProp(
  'no more is ever given than burst and rate allow, and whoever waits as told gets one',
  [fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 60 })],
  (t, pauses) => {
    const rate = { perSecond: 4, burst: 5 };
    const buckets = new Buckets(rate);
    let now = 0;
    let given = 0;
    for (const pause of pauses) {
      now += pause;
      const waitMs = buckets.take('x', now);
      if (waitMs === 0) given++;
      t.true(given <= rate.burst + (now / 1_000) * rate.perSecond + 1e-6);
      if (waitMs > 0) t.is(buckets.waitMs('x', now + waitMs), 0);
    }
  },
);

test('names that were not seen for long are forgotten', (t) => {
  const buckets = new Buckets({ perSecond: 0.001, burst: 1 });
  t.is(buckets.take('first', 0), 0);
  for (let i = 0; i < 10_000; i++) buckets.take(`n${i}`, 0);
  t.is(buckets.take('first', 0), 0);
});
