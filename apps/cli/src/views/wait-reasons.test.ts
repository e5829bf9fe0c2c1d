import { DEFAULT_QUEUE_SETTINGS } from '@drover/core';
import test from 'ava';
import { describeHeldQueues, WaitReasons } from './wait-reasons.js';

test('tasks that wait are counted by reason, the largest group first', (t) => {
  const reasons = new WaitReasons();
  const add = (count: number, state: 'pending' | 'scheduled' | 'retrying' | 'running', reason?: string): void => {
    for (let n = 0; n < count; n++) reasons.add({ state, ...(reason === undefined ? {} : { reason }) });
  };
  t.is(reasons.describe(true), '');
  add(3, 'running');
  t.is(reasons.describe(true), '');
  add(1, 'pending', 'queue slow is paused');
  t.is(reasons.describe(true), '1 waits: queue slow is paused (1)');
  add(1_999, 'pending', 'no worker offers nosuch');
  t.is(reasons.describe(true), '2,000 wait: no worker offers nosuch (1,999); queue slow is paused (1)');
  add(5, 'scheduled');
  add(4, 'retrying');
  add(2, 'pending', 'a');
  add(2, 'pending', 'b');
  t.is(
    reasons.describe(false),
    'at least 2,013 wait: no worker offers nosuch (1,999); not due yet (5); the next attempt is not due yet (4); ' +
      'a (2); other reasons (3)',
  );
});

test('queues that are paused or at their limits hold their pending tasks', (t) => {
  const queue = { ...DEFAULT_QUEUE_SETTINGS, name: 'a', pending: 7, out: 2 };
  const queues = [
    queue,
    { ...queue, name: 'b', paused: true },
    { ...queue, name: 'c', maxRunning: 2, pending: 1_000 },
    { ...queue, name: 'd', paused: true, pending: 0 },
    { ...queue, name: 'e', maxRunning: 3 },
  ];
  t.is(describeHeldQueues({ queues }), 'queue c is at its limit of 2 assigned tasks (1,000); queue b is paused (7)');
  t.is(describeHeldQueues({ queues: [queue] }), '');
});
