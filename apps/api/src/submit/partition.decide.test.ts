import test from 'ava';
import { partition } from './partition.decide.js';

const task = (queue: string, bytes = 10, ...features: string[]) => ({
  queue,
  bytes,
  features,
  keyed: false,
  later: false,
  after: [],
});

test('a batch is of one queue and one set of features, and no larger than a batch may be', (t) => {
  t.deepEqual(partition([task('a'), task('b'), task('a'), task('a', 10, 'expires')]), [[0, 2], [1], [3]]);
  const many = partition(Array.from({ length: 1_001 }, () => task('a')));
  t.deepEqual(
    many.map(({ length }) => length),
    [500, 500, 1],
  );
  t.deepEqual(partition([task('a', 40_000), task('a', 30_000), task('a', 200_000)]), [[0], [1], [2]]);
  t.deepEqual(many.flat(), [...Array(1_001).keys()]);
});
