import test from 'ava';
import { percentile, slopeOf } from './statistics.js';

test('a percentile is the value that this share does not exceed, in any order', (t) => {
  const values = Array.from({ length: 100 }, (_, n) => ((n * 37) % 100) + 1);
  t.deepEqual(
    [0, 0.5, 0.99, 1].map((share) => percentile(values, share)),
    [1, 50, 99, 100],
  );
  t.is(percentile([7], 0.99), 7);
  t.is(percentile([], 0.5), NaN);
});

test('the slope of a line is its slope, of scattered points that of the nearest line, of one point none', (t) => {
  t.is(slopeOf([0, 1, 2, 5].map((x) => ({ x, y: 3 * x - 1 }))), 3);
  t.is(
    slopeOf([
      { x: 0, y: 0 },
      { x: 1, y: 2 },
      { x: 2, y: 0 },
      { x: 3, y: 2 },
    ]),
    0.4,
  );
  t.is(slopeOf([{ x: 4, y: 9 }]), 0);
  t.is(slopeOf([]), 0);
});
