import test from 'ava';
import { batchIds, taskId } from '@drover/core';
import { checkRatio, isSampled, samplerOf } from './sampling.js';

test('about the asked share of tasks is sampled, in large batches and in batches of one', (t) => {
  const newBatch = batchIds(() => 1_796_000_000_000, Math.random);
  const shareOf = (isChosen: readonly boolean[]): number => isChosen.filter(Boolean).length / isChosen.length;
  const one = samplerOf(newBatch(), 0.1);
  const large = Array.from({ length: 100_000 }, (_, index) => one(index));
  const single = Array.from({ length: 100_000 }, () => samplerOf(newBatch(), 0.1)(0));
  for (const share of [shareOf(large), shareOf(single)]) t.true(share > 0.09 && share < 0.11, String(share));
});

test('the id alone decides, so everybody decides alike; a larger share has the smaller one in it', (t) => {
  const batch = '01JD3V8R2MZ6K4Q7T9XBYC5HNA';
  for (let index = 0; index < 1_000; index++) {
    const id = taskId(batch, index);
    t.is(isSampled(id, 0.3), samplerOf(batch, 0.3)(index));
    if (isSampled(id, 0.1)) t.true(isSampled(id, 0.3));
    t.true(isSampled(id, 1));
    t.false(isSampled(id, 0));
  }
});

test('what is no share is refused', (t) => {
  for (const ratio of [-0.1, 1.1, NaN]) t.throws(() => checkRatio(ratio), { message: /from 0 to 1/ });
});
