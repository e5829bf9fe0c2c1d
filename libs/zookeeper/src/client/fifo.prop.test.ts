import { testProp, fc } from '@fast-check/ava';
import { Fifo } from './fifo.js';

testProp(
  'what goes in first comes out first, whatever is done in between',
  [fc.array(fc.oneof(fc.constant('shift' as const), fc.integer({ min: 1, max: 3_000 })), { maxLength: 60 })],
  (t, steps) => {
    const fifo = new Fifo<number>();
    const model: number[] = [];
    let next = 0;
    for (const step of steps) {
      if (step === 'shift') {
        for (let i = 0; i < 700; i++) {
          if (fifo.peek() !== model[0] || fifo.shift() !== model.shift()) t.fail('another item than the oldest');
        }
      } else for (let i = 0; i < step; i++) fifo.push((model.push(next), next++));
      t.is(fifo.length, model.length);
    }
    t.deepEqual(fifo.drain(), model);
    t.is(fifo.length, 0);
  },
);
