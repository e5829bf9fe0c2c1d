import test from 'ava';
import { DEFAULT_QUEUE_SETTINGS } from '@drover/core';
import type { QueueDoc } from '../shapes.js';
import { byNeed, verdictOf } from './queue-sentence.js';

const live = {
  scheduled: 0,
  retrying: 0,
  oldestPendingMs: null,
  rates: { submitted: 0, finished: 0, failed: 0 },
  servedBy: 1,
  unservedTypes: [],
};
const queue = (name: string, more: Partial<QueueDoc> = {}): QueueDoc => ({
  ...DEFAULT_QUEUE_SETTINGS,
  name,
  pending: 0,
  out: 0,
  live,
  ...more,
});

test('who paused a queue and why is the first thing that is said of it', (t) => {
  const paused = queue('mail', { paused: true, pending: 90, pausedBy: { by: 'ada', reason: 'provider down', at: 1 } });
  t.is(verdictOf(paused).text, 'ada paused it: provider down. 90 tasks wait.');
  t.is(verdictOf(queue('mail', { paused: true })).text, 'Somebody paused it, without a reason. Nothing waits.');
});

test('types that nobody offers are named', (t) => {
  const unserved = queue('q', { pending: 3, live: { ...live, unservedTypes: ['resize', 'crop'] } });
  t.is(
    verdictOf(unserved).text,
    "No worker offers 'resize' and 'crop': tasks of these types wait. Start a worker with a handler for them.",
  );
});

test('a queue at its limit waits for a place', (t) => {
  t.is(
    verdictOf(queue('q', { maxRunning: 2, out: 2, pending: 1 })).text,
    '2 of at most 2 tasks are out; 1 task waits for a place.',
  );
});

test("tasks that wait for a while and have no worker are nobody's", (t) => {
  const idle = { ...live, servedBy: 0 };
  t.is(verdictOf(queue('q', { pending: 3, live: { ...idle, oldestPendingMs: 60_000 } })).word, 'nobody serves it');
  t.is(verdictOf(queue('q', { pending: 3, live: { ...idle, oldestPendingMs: 50 } })).word, 'working');
});

test('without a leader only what the settings say is known', (t) => {
  const { live: _, ...bare } = queue('q', { pending: 5 });
  t.is(verdictOf(bare).word, 'working');
});

test('queues that need somebody come first, then those whose tasks have waited longest', (t) => {
  const rows = byNeed([
    queue('empty'),
    queue('young', { pending: 1, live: { ...live, oldestPendingMs: 10 } }),
    queue('old', { pending: 1, live: { ...live, oldestPendingMs: 5_000 } }),
    queue('paused', { paused: true }),
  ]);
  t.deepEqual(
    rows.map((row) => row.queue.name),
    ['paused', 'old', 'young', 'empty'],
  );
});
