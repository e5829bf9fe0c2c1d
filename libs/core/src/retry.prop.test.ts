import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { DEFAULT_RETRY, retryDelayMs, type RetryPolicy } from './retry.js';

const anyPolicy: fc.Arbitrary<RetryPolicy> = fc.record({
  kind: fc.constantFrom('constant', 'linear', 'exponential'),
  delayMs: fc.nat(1_000_000),
  maxDelayMs: fc.nat(10_000_000),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});
const anyFailures = fc.integer({ min: 1, max: 2_000 });

testProp(
  'a delay is whole, not negative and not above the cap',
  [anyPolicy, anyFailures, fc.string()],
  (t, policy, failures, id) => {
    const delay = retryDelayMs(policy, failures, id);
    t.true(Number.isInteger(delay) && delay >= 0 && delay <= policy.maxDelayMs, String(delay));
  },
);

testProp('everybody computes the same delay', [anyPolicy, anyFailures, fc.string()], (t, policy, failures, id) => {
  t.is(retryDelayMs(policy, failures, id), retryDelayMs({ ...policy }, failures, id));
});

testProp(
  'without jitter a delay never shrinks from one failure to the next',
  [anyPolicy, anyFailures],
  (t, policy, failures) => {
    const steady = { ...policy, jitter: 0 };
    t.true(retryDelayMs(steady, failures, 'id') <= retryDelayMs(steady, failures + 1, 'id'));
  },
);

testProp(
  'jitter spreads half of its share to either side',
  [anyPolicy, anyFailures, fc.string()],
  (t, policy, failures, id) => {
    const middle = retryDelayMs({ ...policy, jitter: 0 }, failures, id);
    t.true(Math.abs(retryDelayMs(policy, failures, id) - middle) <= (middle * policy.jitter) / 2 + 1);
  },
);

test('the kinds grow as their names say', (t) => {
  const delays = (kind: RetryPolicy['kind']): number[] =>
    [1, 2, 3, 4].map((failures) => retryDelayMs({ kind, delayMs: 100, maxDelayMs: 700, jitter: 0 }, failures, 'id'));
  t.deepEqual(delays('constant'), [100, 100, 100, 100]);
  t.deepEqual(delays('linear'), [100, 200, 300, 400]);
  t.deepEqual(delays('exponential'), [100, 200, 400, 700]);
});

test('tasks that fail together do not come back together', (t) => {
  const delays = new Set(Array.from({ length: 100 }, (_, index) => retryDelayMs(DEFAULT_RETRY, 1, `batch.${index}`)));
  t.true(delays.size > 50);
});
