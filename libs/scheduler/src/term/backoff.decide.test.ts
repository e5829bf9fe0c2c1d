import test from 'ava';
import { refusedBackoff } from './backoff.decide.js';

test('a refused write is repeated after half a second, then after twice as long each time, up to a minute', (t) => {
  t.deepEqual([1, 2, 3, 7, 8, 100].map(refusedBackoff), [500, 1_000, 2_000, 32_000, 60_000, 60_000]);
});
