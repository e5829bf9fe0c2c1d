import test from 'ava';
import { check, ran, submit } from '../../test/lines.js';

const judged = (operations: ReturnType<typeof submit>, from: number): ReturnType<typeof check> =>
  check('delays are waited for', { operations, effects: ran('t', from, from + 10) });

test('nothing begins before its delay is over, counted from when somebody asked', async (t) => {
  const delayed = submit(100, { delayMs: 400 });
  t.is((await judged(delayed, 500)).verdict, 'held');
  t.is((await judged(delayed, 499)).first?.what, 'it began 399 ms after it was asked for, its delay is 400 ms');
  t.is((await judged(submit(100), 100)).verdict, 'not checked');
});
