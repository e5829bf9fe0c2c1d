import test from 'ava';
import { pipelined } from './pipelined.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('every item is done, begun in order, never more at a time than the window', async (t) => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  await pipelined(items, 7, async (item) => {
    begun.push(item);
    most = Math.max(most, ++running);
    await turn();
    running--;
  });
  t.deepEqual(begun, items);
  t.is(most, 7);
  t.is(running, 0);
});

test('nothing to do is done', async (t) => {
  await t.notThrowsAsync(pipelined([], 3, () => Promise.reject(new Error('never'))));
});

test('the first failure is told, and nothing more is begun', async (t) => {
  let begun = 0;
  const work = pipelined([1, 2, 3, 4, 5], 2, async (item) => {
    begun++;
    await turn();
    if (item === 1) throw new Error('no');
  });
  await t.throwsAsync(work, { message: 'no' });
  await turn();
  t.true(begun <= 3);
});

test('an item is taken when its turn has come', async (t) => {
  let begun = 0;
  function* items(): Generator<number> {
    for (let item = 0; item < 20; item++) {
      t.true(item - begun <= 0, 'taken before it was begun');
      yield item;
    }
  }
  await pipelined(items(), 3, async () => {
    begun++;
    await turn();
  });
  t.is(begun, 20);
});
