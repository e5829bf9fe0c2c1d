import { DEFAULT_QUEUE_SETTINGS } from '@drover/core';
import type { StatusView, TaskView, WorkerView } from '@drover/client';
import test from 'ava';
import { createColors, NO_COLORS } from '../terminal/colors.js';
import { formatAge, formatAgo, formatElapsed, someOf } from './format.js';
import { showQueueSettings } from './queue-settings.js';
import { showStatus, statusDocument } from './status.js';
import { attemptOf } from './attempts.js';
import { renderTable } from './table.js';
import { showTask, TASK_COLUMNS, taskRow } from './task.js';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

const worker: WorkerView = {
  ...{ id: 'w1-abc', name: 'w1', host: 'h1', pid: 11, version: '0.1.0', startedAt: NOW, state: 'accepting' },
  ...{ capacity: 8, weight: 1, running: 2, out: 3, types: ['echo'], labels: { zone: 'a' }, tasks: [], asOf: NOW },
};
const follower = { id: 's2', host: 'h1', pid: 2, version: '0.1.0', startedAt: NOW, role: 'follower' } as const;
const status: StatusView = {
  leader: { id: 's1', epoch: 7, host: 'h1', pid: 1 },
  schedulers: [{ ...follower, id: 's1', pid: 1, role: 'leader' }, follower],
  workers: [worker],
  tasks: { scheduled: 0, pending: 1_200, out: 3, running: 2, retrying: 0, succeeded: 40_000, failed: 0, cancelled: 0 },
  queues: [{ ...DEFAULT_QUEUE_SETTINGS, name: 'default', pending: 1_200, out: 3 }],
  queuesLeftOut: 0,
  unservedTypes: ['nobody:offers'],
  unservedTypesLeftOut: 0,
  complete: true,
  intake: { open: true },
  firesHeld: null,
  at: NOW,
};

test('status shows who leads, how much is pending and which workers there are', (t) => {
  t.is(
    showStatus(status, NOW, NO_COLORS, 80),
    [
      'Leader         s1, epoch 7 (h1, process 1)',
      'Schedulers     s1 leader, s2 follower',
      'Tasks          1,200 pending  3 out (2 running)  40,000 succeeded',
      'No worker for  nobody:offers',
      '',
      'WORKER  STATE      OUT  RUNNING  CAPACITY  HOST  PID  LABELS',
      'w1      accepting    3        2         8  h1     11  zone=a',
      '',
      'QUEUE    STATE  PENDING  OUT  PRIORITY  WEIGHT',
      'default  open     1,200    3         0       1',
    ].join('\n'),
  );
});

test('without a leader and workers it says what is missing', (t) => {
  const shown = showStatus({ ...status, leader: null, schedulers: [], workers: [] }, NOW + 60_000, NO_COLORS);
  t.regex(shown, /Leader +none: tasks wait until a scheduler leads/);
  t.regex(shown, /Counted +1m 0s ago, by the last leader/);
  t.regex(shown, /No workers: start one with 'drover worker'/);
});

test('nobody has counted before the first leader; old counts show their age', (t) => {
  const never = showStatus({ ...status, leader: null, tasks: null, intake: null, at: null }, NOW, NO_COLORS);
  t.regex(never, /Tasks +unknown: no scheduler has led here yet/);
  t.regex(showStatus(status, NOW + 4_000, NO_COLORS), /Counted +as of 4.0 s ago$/m);
  t.notRegex(showStatus(status, NOW + 1_000, NO_COLORS), /Counted/);
  t.regex(
    showStatus({ ...status, complete: false }, NOW, NO_COLORS),
    /Counted +in part: the leader has just taken over/,
  );
});

test('status is bounded, and says what it leaves out', (t) => {
  const names = Array.from({ length: 100 }, (_, n) => `a-type-with-a-rather-long-name-${n}`);
  const queues = Array.from({ length: 100 }, (_, n) => ({ ...status.queues[0]!, name: `q${n}`, pending: n }));
  const workers = Array.from({ length: 1_000 }, (_, n) => ({ ...worker, name: `w${n}` }));
  const many = { ...status, queues, workers, unservedTypes: names, queuesLeftOut: 19_900, unservedTypesLeftOut: 400 };
  const lines = showStatus(many, NOW, NO_COLORS, 80).split('\n');
  t.true(lines.length < 60);
  t.true(lines.every((line) => line.length < 300));
  t.true(lines.some((line) => /^No worker for +a-type-.* and 49\d more$/.test(line)));
  t.true(lines.includes("and 980 more workers ('drover workers' lists them)"));
  t.true(lines.includes("and 19,980 more queues ('drover queue' lists them)"));
  t.true(lines.some((line) => line.startsWith('q99 ')));
});

test('that no schedule fires is shown with its reason, and that schedulers have different zone data', (t) => {
  const firesHeld = { code: 'skew', reason: "ZooKeeper's clock is 3600 s ahead of the leader's" };
  const [leader, other] = status.schedulers;
  const schedulers = [
    { ...leader!, tz: '2025c' },
    { ...other!, tz: '2025b' },
  ];
  const shown = showStatus({ ...status, firesHeld, schedulers }, NOW, NO_COLORS);
  t.regex(shown, /Schedules +do not fire: ZooKeeper's clock is 3600 s ahead/);
  t.regex(shown, /Zone data +schedulers have different ones, .*: s1 2025c, s2 2025b$/m);
  t.like(statusDocument({ ...status, firesHeld, schedulers }, NOW), {
    firesHeld,
    schedulers: [{ tz: '2025c' }, { tz: '2025b' }],
  });
  t.notRegex(showStatus({ ...status, schedulers: [schedulers[0]!, other!] }, NOW, NO_COLORS), /Zone data/);
});

test('a closed intake, and who paused and drained, are shown with their reasons', (t) => {
  const by = { by: 'ada', reason: 'provider down', at: NOW - 5_000 };
  const shown = showStatus(
    {
      ...status,
      intake: { open: false, code: 'tasks', reason: 'too many tasks' },
      queues: [{ ...status.queues[0]!, paused: true, pausedBy: by }],
      workers: [{ ...worker, state: 'draining', drainedBy: { by: 'bob', at: NOW } }],
    },
    NOW,
    NO_COLORS,
  );
  t.regex(shown, /Intake +closed: too many tasks/);
  t.regex(shown, /default +paused .*paused by ada: provider down \(5\.0 s ago\)/);
  t.regex(shown, /w1 +draining .*drained by bob \(now\)/);
});

test('queues and tenants that are full are shown, and the settings of one queue as flags', (t) => {
  const bounded = { ...status.queues[0]!, name: 'media', maxPending: 50_000, unfinished: 50_012, full: true } as const;
  const queues = [bounded, { ...status.queues[0]!, name: 'mail', fullTenants: 3 }];
  const shown = showStatus({ ...status, queues }, NOW, NO_COLORS);
  t.regex(shown, /Full +no new tasks for queue media \(50,012 unfinished\), 3 tenants of queue mail$/m);
  t.regex(shown, /media +full .* 50000 +takes no new tasks, 50,012 are unfinished$/m);
  t.regex(shown, /mail +open .* takes none of 3 tenants$/m);
  const settings = { tenants: { acme: 3 }, fairness: 'time', minShare: 0.07, retainDead: 7 * 86_400_000 } as const;
  const onDead = { type: 'page', queue: 'alerts' };
  t.is(
    showQueueSettings({ ...bounded, ...settings, onDead }, NO_COLORS),
    [
      '--retain-dead  7d',
      '--tenant       acme=3',
      '--fairness     time',
      '--max-pending  50,000',
      '--min-share    7%',
      '--on-dead      page,queue=alerts',
    ].join('\n'),
  );
  t.is(showQueueSettings(status.queues[0]!, NO_COLORS), 'all settings are as by default');
});

test('the document of status knows all that the table knows', (t) => {
  const document = statusDocument(status, NOW + 500) as Record<string, unknown>;
  t.like(document, {
    leader: { id: 's1', epoch: 7, host: 'h1', pid: 1 },
    tasks: { pending: 1_200, out: 3, running: 2, succeeded: 40_000, failed: 0 },
    ...{ intake: { open: true }, queuesLeftOut: 0, unservedTypesLeftOut: 0, complete: true, at: NOW, ageMs: 500 },
  });
  t.like(document.schedulers, [
    { id: 's1', pid: 1, role: 'leader' },
    { id: 's2', pid: 2, role: 'follower' },
  ]);
  t.like((document.workers as object[])[0], {
    name: 'w1',
    pid: 11,
    out: 3,
    running: 2,
    capacity: 8,
    labels: { zone: 'a' },
  });
  t.is((statusDocument({ ...status, leader: null }, NOW) as { leader: unknown }).leader, null);
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
      'Attempt    2 of 4, on w1',
      'Submitted  2026-01-02T03:04:00.000Z (5.0 s ago) by h1:9',
      'Error      TypeError: no such thing',
      '',
      'ATTEMPT  OUTCOME  WORKER  ENDED       TOOK  WHY',
      '      1  lost     w2      3.0 s ago',
      '      2  failed   w1      1.0 s ago  12 ms  TypeError: no such thing',
    ].join('\n'),
  );
  t.regex(showTask(task, NOW, NO_COLORS, { stacks: true }), /at here/);
});

test('which attempt of how many: lost ones do not count, and after a retry all are there again', (t) => {
  const ended = (...outcomes: TaskView['history'][number]['outcome'][]): TaskView['history'] =>
    outcomes.map((outcome, i) => ({ attempt: i + 1, outcome, worker: 'w1', at: NOW }));
  const cases: [Partial<TaskView>, string][] = [
    [{ state: 'pending', attempt: 0, history: [] }, '0 of 3'],
    [{ state: 'running', attempt: 1, history: [] }, '1 of 3'],
    [{ state: 'succeeded', attempt: 1, history: ended('succeeded') }, '1 of 3'],
    [{ state: 'failed', attempt: 3, history: ended('failed', 'timed-out', 'failed') }, '3 of 3'],
    [{ state: 'failed', attempt: 1, history: ended('rejected') }, '1 of 3'],
    [{ state: 'running', attempt: 2, history: ended('lost') }, '2 of 4'],
    [{ state: 'pending', attempt: 3, history: ended('failed', 'failed', 'failed', 'requeued') }, '3 of 6'],
  ];
  for (const [view, shown] of cases) t.is(attemptOf({ ...task, ...view }), shown, JSON.stringify(view));
});

test('text of others cannot forge a line or reach the terminal', (t) => {
  const evil = 'x\u001b[2J\r\nState      succeeded';
  const hostile: TaskView = {
    ...task,
    type: evil,
    queue: evil,
    key: evil,
    worker: evil,
    client: evil,
    reason: evil,
    note: evil,
  };
  const shown = showTask({ ...hostile, error: { ...error, message: evil } }, NOW, NO_COLORS, {
    stacks: false,
    width: 80,
  });
  t.deepEqual(shown.split('\n').filter((line) => line.startsWith('State')).length, 1);
  t.is(taskRow(hostile, NOW, NO_COLORS).length, TASK_COLUMNS.length);
  const table = renderTable(TASK_COLUMNS, [taskRow(hostile, NOW, NO_COLORS)], NO_COLORS, 80);
  t.is(table.split('\n').length, 2);
  t.false(table.includes('\u001b'));
  t.true(
    table.split('\n').every((line) => line.length <= 80),
    table,
  );
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
  t.deepEqual(
    [200, 5_900, 720_000, 7_500_000, 500_000_000].map((ms) => formatAge(NOW - ms, NOW)),
    [...['now', '5s', '12m', '2h', '5d']],
  );
  t.is(someOf(['a', 'b', 'c'], 2, 5), 'a and 4 more');
  t.is(someOf(['a', 'b'], 0, 80), 'a, b');
});

test('colours are for terminals that want them', (t) => {
  t.is(createColors(false, { FORCE_COLOR: '1', CI: 'true' }).red('x'), 'x');
  t.is(createColors(true, { NO_COLOR: '1' }).red('x'), 'x');
  t.not(createColors(true, {}).red('x'), 'x');
});
