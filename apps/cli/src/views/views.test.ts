import type { StatusView, TaskView, WorkerView } from '@drover/client';
import test from 'ava';
import { createColors, NO_COLORS } from '../terminal/colors.js';
import { formatAgo, formatElapsed, oneLine } from './format.js';
import { showStatus, statusDocument } from './status.js';
import { showTask, taskRow } from './task.js';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

const worker: WorkerView = {
  ...{ id: 'w1-abc', name: 'w1', host: 'h1', pid: 11, version: '0.1.0', startedAt: NOW, state: 'accepting' },
  ...{ capacity: 8, weight: 1, running: 2, assigned: 3, types: ['echo'], labels: { zone: 'a' }, tasks: [] },
};
const follower = { id: 's2', host: 'h1', pid: 2, version: '0.1.0', startedAt: NOW, role: 'follower' } as const;
const status: StatusView = {
  leader: { id: 's1', epoch: 7, host: 'h1', pid: 1 },
  schedulers: [{ ...follower, id: 's1', pid: 1, role: 'leader' }, follower],
  workers: [worker],
  tasks: { scheduled: 0, pending: 1_200, running: 2, retrying: 0, succeeded: 40_000, failed: 0, cancelled: 0 },
  queues: [{ name: 'default', pending: 1_200, running: 2, paused: false, priority: 0, weight: 1, maxRunning: null }],
  unservedTypes: ['nobody:offers'],
  at: NOW,
};

test('status shows who leads, what there is to do and who does it', (t) => {
  t.is(
    showStatus(status, NOW, NO_COLORS),
    [
      'Leader      s1, epoch 7 (h1, process 1)',
      'Schedulers  s1 leader, s2 follower',
      'Tasks       1,200 pending  2 running  40,000 succeeded',
      'Unserved    no worker offers nobody:offers: such tasks wait',
      '',
      'WORKER  STATE      RUNNING  ASSIGNED  HOST  PID  LABELS',
      'w1      accepting      2/8         3  h1     11  zone=a',
      '',
      'QUEUE    STATE  PENDING  RUNNING  PRIORITY  WEIGHT  MAX RUNNING',
      'default  open     1,200        2         0       1            -',
    ].join('\n'),
  );
});

test('without a leader and workers it says what is missing', (t) => {
  const shown = showStatus({ ...status, leader: null, schedulers: [], workers: [] }, NOW + 60_000, NO_COLORS);
  t.regex(shown, /Leader +none: tasks wait until a scheduler leads/);
  t.regex(shown, /Counted +1m 0s ago, by the last leader/);
  t.regex(shown, /No workers: start one with 'drover worker'/);
});

test('the document of status is what programs rely on', (t) => {
  t.like(statusDocument(status), {
    leader: { id: 's1', epoch: 7 },
    tasks: { pending: 1_200, running: 2, succeeded: 40_000, failed: 0 },
  });
  t.deepEqual((statusDocument(status) as { schedulers: unknown }).schedulers, [
    { id: 's1', pid: 1, role: 'leader' },
    { id: 's2', pid: 2, role: 'follower' },
  ]);
  t.deepEqual((statusDocument(status) as { workers: unknown }).workers, [
    { name: 'w1', pid: 11, running: 2, capacity: 8, state: 'accepting' },
  ]);
  t.is((statusDocument({ ...status, leader: null }) as { leader: unknown }).leader, null);
});

const error = {
  name: 'TypeError',
  message: 'no such thing',
  stack: 'TypeError: no such thing\n    at here',
  retryable: true,
};
const task: TaskView = {
  ...{
    id: '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0',
    type: 'resize',
    queue: 'images',
    state: 'retrying',
    attempt: 2,
    maxAttempts: 3,
  },
  ...{
    timeoutMs: null,
    retry: null,
    key: null,
    worker: 'w1',
    submittedAt: NOW - 5_000,
    dueAt: NOW + 2_000,
    client: 'h1:9',
  },
  error,
  history: [
    { attempt: 1, outcome: 'lost', worker: 'w2', at: NOW - 3_000 },
    { attempt: 2, outcome: 'failed', worker: 'w1', at: NOW - 1_000, ms: 12, error },
  ],
};

test('a task shows its state, why, and what came before; the stack only where asked for', (t) => {
  t.is(
    showTask(task, NOW, NO_COLORS, { stacks: false }),
    [
      'Task       01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0',
      'Type       resize in queue images',
      'State      retrying, due in 2.0 s',
      'Attempt    2 (at most 3 may fail), on w1',
      'Submitted  2026-01-02T03:04:00.000Z (5.0 s ago) by h1:9',
      'Error      TypeError: no such thing',
      '',
      'ATTEMPT  OUTCOME  WORKER  ENDED      TOOK   WHY',
      '1        lost     w2      3.0 s ago',
      '2        failed   w1      1.0 s ago  12 ms  TypeError: no such thing',
    ].join('\n'),
  );
  t.regex(showTask(task, NOW, NO_COLORS, { stacks: true }), /at here/);
});

test('the last cell of a listed task says why it is where it is: its error, what it waits for, or when it is due', (t) => {
  const { error: _, dueAt, ...waiting } = task;
  const why = (view: TaskView): unknown => taskRow(view, NOW, NO_COLORS).at(-1);
  t.is(why(task), 'TypeError: no such thing');
  t.is(why({ ...waiting, state: 'pending', reason: "queue 'images' is paused" }), "queue 'images' is paused");
  t.is(why({ ...waiting, state: 'scheduled', dueAt: dueAt ?? NOW }), 'due in 2.0 s');
  t.is(why({ ...waiting, state: 'running' }), '');
});

test('durations and times read as people say them', (t) => {
  t.deepEqual([0.42, 12.3, 3_210, 250_000, 7_500_000].map(formatElapsed), [
    '0.4 ms',
    '12 ms',
    '3.2 s',
    '4m 10s',
    '2h 5m',
  ]);
  t.is(formatAgo(NOW - 200, NOW), 'now');
  t.is(oneLine('a\n  b'.repeat(40), 10), 'a ba ba b…');
});

test('colours are for terminals that want them', (t) => {
  t.is(createColors(false, { FORCE_COLOR: '1', CI: 'true' }).red('x'), 'x');
  t.is(createColors(true, { NO_COLOR: '1' }).red('x'), 'x');
  t.not(createColors(true, {}).red('x'), 'x');
});
