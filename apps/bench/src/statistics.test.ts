import test from 'ava';
import { quantile, spreadOf } from './statistics.js';
import { Tally } from './system.js';

test('the median of an even number of runs lies between the two in the middle', (t) => {
  t.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  t.deepEqual(spreadOf([7]), { median: 7, min: 7, max: 7 });
  t.throws(() => spreadOf([]), { instanceOf: RangeError });
});

test('a quantile lies between its neighbours', (t) => {
  const sorted = [0, 10, 20, 30];
  t.is(quantile(sorted, 0), 0);
  t.is(quantile(sorted, 1), 30);
  t.is(quantile(sorted, 0.5), 15);
});

test('a run is done when every task had its result', async (t) => {
  const tally = new Tally(3);
  for (const i of [2, 0, 1]) tally.result(i);
  await t.notThrowsAsync(tally.done);
});

test('a second result of a task, or one of a task that was never submitted, ends the run', async (t) => {
  const twice = new Tally(3);
  twice.result(1);
  twice.result(1);
  await t.throwsAsync(twice.done, { message: 'task 1 had two results' });
  const strange = new Tally(3);
  strange.result(3);
  await t.throwsAsync(strange.done, { message: /never submitted/ });
});
