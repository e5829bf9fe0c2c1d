import test from 'ava';
import { computeHandlers, countPrimes, sumOfSquares } from './compute.js';

test('sums of squares are exact', (t) => {
  t.is(sumOfSquares(1, 3), 14n);
  t.is(sumOfSquares(5, 4), 0n);
  const n = 3_000_000n;
  t.is(sumOfSquares(1, Number(n)), (n * (n + 1n) * (2n * n + 1n)) / 6n);
  t.is(sumOfSquares(67_108_863, 67_108_866), 67_108_863n ** 2n + 67_108_864n ** 2n + 67_108_865n ** 2n + 67_108_866n ** 2n); // prettier-ignore
});

test('primes, also across the segments of the sieve', (t) => {
  t.is(countPrimes(1, 10), 4);
  t.is(countPrimes(0, 1), 0);
  t.is(countPrimes(1, 1_000_000), 78_498);
  t.is(countPrimes(1, 262_144) + countPrimes(262_145, 1_000_000), 78_498);
  t.is(countPrimes(7, 7), 1);
});

test('payloads are checked, and say what is wrong', (t) => {
  const sum = computeHandlers.get('math.sum-of-squares');
  t.deepEqual(sum?.run({ n: 3 }, undefined as never), { sum: 14 });
  t.deepEqual(sum?.run({ from: 2, to: 3 }, undefined as never), { sum: 13 });
  t.deepEqual(sum?.run({ n: 1_000_000 }, undefined as never), { sum: '333333833333500000' });
  for (const payload of [null, {}, { n: -1 }, { n: 1.5 }, { n: 2, m: 3 }, 'n'])
    t.throws(() => sum?.run(payload, undefined as never), {
      name: 'RejectTaskError',
      message: /^math\.sum-of-squares: /,
    });
});
