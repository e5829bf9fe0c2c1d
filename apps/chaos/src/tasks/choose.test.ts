import { seededRandom } from '@drover/runtime';
import test from 'ava';
import { chooseWork, QUEUES } from './choose.js';

test('work is of all types and queues, some delayed, keyed, cancelled, read again; most is quick', (t) => {
  const random = seededRandom(1);
  const work = Array.from({ length: 2_000 }, (_, n) => chooseWork(`c/${n}`, random));
  t.deepEqual([...new Set(work.map(({ input }) => input.type))].sort(), [
    'computing',
    'flaky',
    'hanging',
    'quick',
    'slow',
  ]);
  t.deepEqual([...new Set(work.map(({ input }) => input.queue))].sort(), [...QUEUES].sort());
  const share = (wanted: (one: (typeof work)[number]) => boolean): number => work.filter(wanted).length / work.length;
  t.true(share(({ input }) => input.type === 'quick') > 0.5);
  t.true(share(({ input }) => input.delay !== undefined) > 0.02);
  t.true(share(({ input }) => input.key !== undefined) > 0.02);
  t.true(share(({ cancelAfterMs }) => cancelAfterMs !== null) > 0.02);
  t.true(share(({ readAgainAfterMs }) => readAgainAfterMs !== null) > 0.05);
});

test('what hangs has a timeout, or it would never end', (t) => {
  const random = seededRandom(2);
  const work = Array.from({ length: 2_000 }, (_, n) => chooseWork(`c/${n}`, random));
  t.true(work.filter(({ input }) => input.type === 'hanging').every(({ input }) => input.timeout !== undefined));
});
