import test from 'ava';
import { NO_COLORS } from '../terminal/colors.js';
import type { TopData } from './data.js';
import { afterKey, FIRST_STATE, keysIn } from './keys.js';
import { showTop, type Frame } from './view.js';

const NOW = Date.UTC(2026, 10, 28, 14, 35, 2);
const queue = (name: string, more: object = {}, live: object = {}) => ({
  ...{ name, paused: false, pending: 0, out: 0 },
  ...more,
  live: {
    scheduled: 0,
    retrying: 0,
    oldestPendingMs: null,
    rates: { submitted: 0, finished: 0, failed: 0 },
    servedBy: 1,
    unservedTypes: [],
    ...live,
  },
});
const worker = (name: string, more: object = {}) => ({
  ...{
    id: name,
    name,
    host: 'h',
    pid: 1,
    version: '1',
    startedAt: 0,
    state: 'accepting',
    capacity: 8,
    weight: 1,
    out: 8,
    running: 8,
  },
  ...{ types: [], labels: {}, tasks: [{ task: '01K.0', attempt: 1, startedAt: NOW - 1_200 }], asOf: NOW },
  ...more,
});
const DATA = {
  overview: {
    ...{ revision: '7.1', at: NOW, leader: { id: 's1', epoch: 7, sinceMs: 480_000 } },
    schedulers: ['s1', 's2', 's3'].map((id) => ({ id, role: 'follower', version: '1' })),
    workers: { accepting: 2, draining: 1, slots: 24, busy: 17 },
    tasks: { pending: 90_532 },
    rates: { submitted: 9_101, finished: 9_020, failed: 0.4 },
    oldestPendingMs: 92_000,
    attention: [{ code: 'type-unserved', severity: 'warn', text: "no worker offers 'resize'" }],
    zookeeper: { state: 'connected', roundTripMs: 1.9 },
  },
  queues: [
    queue(
      'mail',
      { pending: 90_120, out: 24 },
      { oldestPendingMs: 32_000, rates: { submitted: 0, finished: 8_900, failed: 0.4 } },
    ),
    queue('images', { pending: 412 }, { oldestPendingMs: 252_000, unservedTypes: ['resize'] }),
    queue('reports', { paused: true, pausedBy: { by: 'ada', reason: 'provider down', at: NOW - 5_000 } }),
  ],
  workers: [worker('w1'), worker('w3', { state: 'draining', out: 0, tasks: [] })],
  failures: [
    {
      type: 'send',
      error: 'Error',
      message: 'refused',
      count: 12,
      first: NOW,
      last: NOW - 3_000,
      examples: [],
      queues: [],
      workers: [],
      perMinute: [],
    },
  ],
} as unknown as TopData;
const FRAME: Frame = { title: 'prod', now: NOW, sort: 'wait', filter: '', rows: Infinity, columns: Infinity };

test('a frame says who leads, what flows, what waits, and why', (t) => {
  const text = showTop(DATA, FRAME, NO_COLORS);
  t.regex(text, /^prod {2}leader s1 \(epoch 7, 8m 0s\) {2}s2, s3 following {4}zk 1\.9 ms {4}14:35:02$/m);
  t.regex(
    text,
    /^in 9,101\/s {2}done 9,020\/s {2}failed 0\.4\/s {3}oldest wait 1m 32s {3}busy 17\/24 {3}pending 90,532$/m,
  );
  t.regex(text, /^! no worker offers 'resize'$/m);
  t.regex(text, /^images +412 +0 +0 +4m 12s +0 +0 +no worker for resize$/m);
  t.regex(text, /^reports .* paused by ada: provider down/m);
  t.regex(text, /^w1 +8\/8 +h +01K\.0 1\.2 s/m);
  t.regex(text, /^ +12 +3\.0 s ago +send +Error: refused$/m);
  t.true(text.indexOf('images ') < text.indexOf('mail '));
  t.true(text.indexOf('w3 ') < text.indexOf('w1 '));
});

test('queues are sorted as asked, and chosen by name', (t) => {
  const byRate = showTop(DATA, { ...FRAME, sort: 'rate' }, NO_COLORS);
  t.true(byRate.indexOf('mail ') < byRate.indexOf('images '));
  t.false(showTop(DATA, { ...FRAME, filter: 'mail' }, NO_COLORS).includes('images  '));
});

test('a frame fits into a small terminal', (t) => {
  const queues = Array.from({ length: 100 }, (_, n) => queue(`q${n}`));
  const text = showTop({ ...DATA, queues }, { ...FRAME, rows: 30, columns: 80 }, NO_COLORS);
  const lines = text.split('\n');
  t.true(lines.length <= 32, String(lines.length));
  t.regex(text, /and \d+ more/);
  for (const line of lines.filter((each) => !each.startsWith('prod') && !each.startsWith('in ')))
    t.true(line.length <= 80, line);
});

test('keys: leave, pause, sort, help, and a filter that is typed', (t) => {
  const after = (...keys: string[]) => keys.reduce(afterKey, FIRST_STATE);
  t.true(after('q').isOver);
  t.true(after('\u0003').isOver);
  t.true(after('p').isPaused);
  t.false(after('p', 'p').isPaused);
  t.is(after('s').sort, 'rate');
  t.is(after('s', 's', 's').sort, 'wait');
  t.true(after('?').showsHelp);
  t.false(after('?', 'q').isOver);
  t.like(after('/', 'm', 'a', 'x', '\u007f', '\r'), { filter: 'ma', isTyping: false });
  t.is(after('/', 'q', '\u001b').filter, '');
  t.true(after('/', 'q', '\u0003').isOver);
  t.deepEqual(keysIn('?/w'), ['?', '/', 'w']);
  t.deepEqual(keysIn('\u001b[A'), []);
});
