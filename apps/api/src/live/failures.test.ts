import { parseFilter } from '@drover/core';
import test from 'ava';
import { Failures, type FailureEntry } from './failures.js';
import { normalise } from './normalise.js';

const NOW = 1_796_000_000_000;
const failure = (n: number, more: Partial<FailureEntry> = {}): FailureEntry => ({
  ...{ task: `01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.${n}`, attempt: 1, type: 'send', queue: 'mail', worker: 'w1' },
  ...{ at: NOW + n, error: { name: 'Error', message: `no route to 10.0.0.${n}` }, final: false },
  ...more,
});

test('messages that differ in numbers and ids only are one', (t) => {
  t.is(normalise('task 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.7 took 1.5 s'), 'task <id> took <n> s');
  t.is(normalise('order 7f9c24e5-1111-4222-8333-0123456789ab\n failed'), 'order <id> failed');
  t.is(normalise('at 0xdeadbeef, sha 0a1b2c3d4e5f'), 'at <id>, sha <id>');
  t.is(normalise('deadbeef cafe'), 'deadbeef cafe');
});

test('failures are grouped by type and error, whatever queue and task', (t) => {
  const failures = new Failures();
  for (let n = 0; n < 7; n++) failures.add(failure(n, n < 5 ? {} : { queue: 'post', worker: 'w2' }));
  failures.add(failure(9, { error: { name: 'TypeError', message: 'x' }, final: true }));
  const [first, second] = failures.groups([], NOW);
  t.like(first, { type: 'send', error: 'Error', message: 'no route to <n>', count: 7, first: NOW, last: NOW + 6 });
  t.deepEqual([first?.queues, first?.workers, first?.examples.length], [['mail', 'post'], ['w1', 'w2'], 5]);
  t.is(first?.perMinute.at(-1), 7);
  t.like(second, { error: 'TypeError', count: 1 });
  t.is(failures.groups(parseFilter('queue:post'), NOW)[0]?.count, 2);
  t.is(failures.groups(parseFilter('worker:w2'), NOW)[0]?.count, 2);
  t.is(failures.groups(parseFilter('state:failed'), NOW)[0]?.error, 'TypeError');
  t.is(failures.recent(60, NOW), 8);
  t.is(failures.recent(60, NOW + 3_700_000), 0);
});

test('pages begin with the newest, and go on behind a time however many failures it has', (t) => {
  const failures = new Failures();
  for (let n = 0; n < 5; n++) failures.add(failure(n, { at: NOW + Math.floor(n / 2) }));
  const numbers = (where: { until?: number; skip?: number }) =>
    failures.page([], NOW, { ...where, limit: 2 }).items.map(({ task }) => Number(task.slice(27)));
  t.deepEqual(numbers({}), [4, 3]);
  t.deepEqual(numbers({ until: NOW + 1, skip: 1 }), [2, 1]);
  t.deepEqual(numbers({ until: NOW, skip: 1 }), [0]);
  t.false(failures.page([], NOW, { until: NOW, skip: 1, limit: 2 }).more);
});
