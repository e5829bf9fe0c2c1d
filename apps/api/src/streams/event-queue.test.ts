import test from 'ava';
import { EventQueue } from './event-queue.js';

test('a reader that is too slow gets what fits, then the last word', async (t) => {
  const queue = new EventQueue<string>(20, () => 'overflow');
  for (const item of ['aaaaaaa', 'bbbbbbb', 'ccccccc', 'ddddddd']) queue.push(item);
  const read: string[] = [];
  for await (const item of queue) read.push(item);
  t.deepEqual(read, ['aaaaaaa', 'bbbbbbb', 'overflow']);
});

test('what comes later is read later', async (t) => {
  const queue = new EventQueue<number>(100, () => -1);
  const read: number[] = [];
  const reading = (async () => {
    for await (const item of queue) {
      read.push(item);
      if (item === 1) queue.push(2);
      if (item === 2) queue.end();
    }
  })();
  queue.push(1);
  await reading;
  t.deepEqual(read, [1, 2]);
});
