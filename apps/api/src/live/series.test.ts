import test from 'ava';
import { Series } from './series.js';

const START = 1_796_000_000_000 - (1_796_000_000_000 % 300_000);

test('values stand at their steps, and steps that nobody counted are null', (t) => {
  const series = new Series();
  series.add(START + 10_000, 1);
  series.add(START + 20_000, 2);
  series.add(START + 50_000, 5);
  const { from, stepMs, values } = series.read('1h', START + 50_000);
  t.is(values.length, 360);
  t.is(from + values.length * stepMs, START + 50_000);
  t.deepEqual(values.slice(-5), [1, 2, null, null, 5]);
  t.deepEqual(series.read('1h', START + 70_000).values.slice(-3), [5, null, null]);
  t.is(series.read('24h', START + 300_000).values.at(-1), Math.round((8 / 3) * 1_000) / 1_000);
});

test('an hour is kept, and what is older is overwritten', (t) => {
  const series = new Series();
  for (let step = 1; step <= 800; step++) series.add(START + step * 10_000, step);
  const { values } = series.read('1h', START + 8_000_000);
  t.deepEqual([values[0], values.at(-1)], [441, 800]);
});

test("another replica's values fill what this one did not count", (t) => {
  const [older, newer] = [new Series(), new Series()];
  for (let step = 1; step <= 5; step++) older.add(START + step * 10_000, step);
  newer.add(START + 40_000, 40);
  newer.fill('1h', older.read('1h', START + 50_000));
  t.deepEqual(newer.read('1h', START + 50_000).values.slice(-6), [null, 1, 2, 3, 40, 5]);
});
