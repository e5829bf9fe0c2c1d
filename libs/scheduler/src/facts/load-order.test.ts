import test from 'ava';
import { LoadPace, merged, portions } from './load-order.js';

test('batches of any size: what is under way together is bounded in batches and bytes, and is never nothing', (t) => {
  for (const bytes of [1, 300, 5_000, 50_000, 300_000, 10_000_000]) {
    const pace = new LoadPace();
    for (let n = 0; n < 1_000; n++) pace.read(bytes);
    const underWay = pace.portion * pace.window;
    t.true(pace.portion >= 1 && pace.window >= 1);
    t.true(underWay <= 512, `${underWay} batches of ${bytes} bytes`);
    t.true(underWay * bytes <= 4 * 1024 * 1024 || underWay === 1, `${underWay} batches of ${bytes} bytes`);
    t.true(pace.portion === 1 || pace.portion * bytes <= 64 * 1024, `${pace.portion} batches a request`);
  }
});

test('before their size is known few are asked for', (t) => {
  const pace = new LoadPace();
  t.true(pace.portion * pace.window <= 64);
});

test('many small batches are read in few requests', (t) => {
  const pace = new LoadPace();
  let requests = 0;
  for (const some of portions(Array(50_000).keys(), () => pace.portion)) {
    requests++;
    for (const _batch of some) pace.read(250);
  }
  t.true(requests <= 50_000 / 100, `${requests} requests`);
});

test('portions have everything once, in order, each as large as was asked for when it began', (t) => {
  let size = 0;
  t.deepEqual([...portions([1, 2, 3, 4, 5, 6, 7], () => ++size)], [[1], [2, 3], [4, 5, 6], [7]]);
  t.deepEqual([...portions([], () => 3)], []);
});

test('sorted lists are merged into one, as far as it is asked for', (t) => {
  t.deepEqual([...merged([['b', 'd'], [], ['a', 'e', 'f'], ['c']])], ['a', 'b', 'c', 'd', 'e', 'f']);
  t.deepEqual([...merged([])], []);
  t.is(merged([['a'], ['b']]).next().value, 'a');
});
