import test from 'ava';
import { slopeOf, summaryOf } from './statistics.js';

test('a summary of a hundred values tells their median, 99th percentile and greatest, in any order', (t) => {
  const values = Array.from({ length: 101 }, (_, n) => (n * 37) % 101);
  t.deepEqual(summaryOf(values), { count: 101, median: 50, p99: 99, max: 100 });
  t.is(summaryOf([]), null);
  t.deepEqual(summaryOf([7]), { count: 1, median: 7, p99: 7, max: 7 });
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
