import { testProp, fc } from '@fast-check/ava';
import test from 'ava';
import { attemptMs, roundDelayMs, shuffled } from './reconnect.js';

const timeouts = fc.integer({ min: 1_000, max: 120_000 });

testProp(
  'attempts at all servers fit into the session timeout',
  [fc.integer({ min: 1, max: 7 }), timeouts],
  (t, servers, timeoutMs) => {
    if (timeoutMs >= 3_000) t.true(attemptMs(servers, timeoutMs) * servers < timeoutMs);
    t.true(attemptMs(servers, timeoutMs) >= 200);
  },
);

testProp(
  'a pause never costs the session, and lies anywhere below its bound',
  [fc.nat({ max: 1_000 }), timeouts, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })],
  (t, round, timeoutMs, random) => {
    const delayMs = roundDelayMs(round, timeoutMs, random);
    t.true(delayMs >= 0 && delayMs <= timeoutMs / 10 && delayMs <= 1_000);
    t.is(roundDelayMs(round, timeoutMs, 0), 0);
  },
);

test('the first attempt of a handle does not wait', (t) => {
  t.is(roundDelayMs(0, 6_000, 0.99), 0);
  t.true(roundDelayMs(1, 6_000, 0.99) > 0);
});

testProp(
  'shuffling loses and invents nothing',
  [fc.array(fc.nat()), fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true }))],
  (t, items, lots) => {
    const result = shuffled(items, () => lots.next().value as number);
    t.deepEqual(
      result.sort((a, b) => a - b),
      [...items].sort((a, b) => a - b),
    );
  },
);
