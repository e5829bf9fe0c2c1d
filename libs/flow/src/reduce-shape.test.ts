import test from 'ava';
import { reduceLevels, reducePlace, reduceTasks } from './reduce-shape.js';

test('levels of a tree get smaller until one task is left', (t) => {
  t.deepEqual(reduceLevels(1_000_000, 500), [2_000, 4, 1]);
  t.deepEqual(reduceLevels(10, 10), [1]);
  t.deepEqual(reduceLevels(11, 10), [2, 1]);
  t.deepEqual(reduceLevels(0, 10), [1]);
});

test('every item is read once, in order, and so is every task but the last', (t) => {
  for (const [total, arity] of [
    [0, 2],
    [1, 2],
    [7, 2],
    [64, 4],
    [1_001, 10],
  ] as const) {
    const places = Array.from({ length: reduceTasks(total, arity) }, (_, task) => reducePlace(total, arity, task));
    const readOn = (isLowest: boolean): number[] =>
      places
        .filter(({ level }) => (level === 0) === isLowest)
        .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
    t.deepEqual(readOn(true), [...Array(total).keys()], `${total} items`);
    t.deepEqual(readOn(false), [...Array(places.length - 1).keys()], `${total} items by ${arity}`);
    t.deepEqual(
      places.map(({ isLast }) => isLast),
      places.map((_, task) => task === places.length - 1),
    );
  }
});

test('a tree that would never end, and a task that there is not, are refused', (t) => {
  t.throws(() => reduceLevels(10, 1), { instanceOf: RangeError });
  t.throws(() => reducePlace(10, 10, 1), { instanceOf: RangeError, message: 'task 1 of a reduce of 1' });
});
