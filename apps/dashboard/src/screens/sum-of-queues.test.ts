import test from 'ava';
import { sumOf } from './sum-of-queues.js';

test('tasks of the queues that somebody sees are counted together; without a leader some numbers are not known', (t) => {
  const rates = { submitted: 0, finished: 0, failed: 0 };
  const live = { scheduled: 1, retrying: 2, oldestPendingMs: null, rates, servedBy: 1, unservedTypes: [] };
  t.deepEqual(
    sumOf([
      { pending: 3, out: 4, live },
      { pending: 5, out: 0, live },
      { pending: 1, out: 1 },
    ]),
    {
      ...{ scheduled: 2, pending: 9, out: 5, retrying: 4 },
    },
  );
  t.deepEqual(sumOf([]), { scheduled: 0, pending: 0, out: 0, retrying: 0 });
});
