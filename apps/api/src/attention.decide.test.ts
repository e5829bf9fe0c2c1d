import { DEFAULT_QUEUE_SETTINGS } from '@drover/core';
import { schemas } from '@drover/api';
import test from 'ava';
import * as z from 'zod';
import { attentionOf, type Circumstances } from './attention.decide.js';
import type { Counters } from './live/live.js';

const NOW = 1_796_000_000_000;
const counters: Counters = {
  ...{
    at: NOW,
    since: NOW - 60_000,
    whole: true,
    oldestDueAt: null,
    unservedTypes: [],
    firesHeld: null,
    workersLost: [],
    workersSilent: [],
  },
  tally: { scheduled: 0, pending: 0, out: 0, retrying: 0, succeeded: 0, failed: 0, cancelled: 0 },
  totals: { submitted: 0, finished: 0, failed: 0, failedAttempts: 0 },
  intake: { open: true },
  workers: { accepting: 1, draining: 0, slots: 4, busy: 0 },
};
const healthy: Circumstances = {
  ...{ now: NOW, leader: { id: 's1', epoch: 7, since: NOW - 60_000 }, changes: [], counters, queues: [], groups: [] },
  ...{ status: null, zookeeper: { state: 'connected', p50: 2 }, isOpen: false, isRootOpen: false },
};
const queue = {
  ...{
    name: 'mail',
    settings: DEFAULT_QUEUE_SETTINGS,
    scheduled: 0,
    pending: 0,
    out: 0,
    retrying: 0,
    oldestDueAt: null,
  },
  ...{ submitted: 0, finished: 0, failed: 0, servedBy: 1, unservedTypes: [] },
};
const codes = (more: Partial<Circumstances>): string[] => attentionOf({ ...healthy, ...more }).map(({ code }) => code);

test('a healthy system needs no attention', (t) => {
  t.deepEqual(attentionOf(healthy), []);
});

test('each fault is named, the worst first, and every entry passes its schema', (t) => {
  const change = { epoch: 1, leader: 's1', at: NOW - 1_000, leaderlessMs: 1, takeoverMs: 1, reason: null };
  t.deepEqual(codes({ leader: null }), ['no-leader']);
  t.deepEqual(codes({ counters: null }), ['leader-reading']);
  t.deepEqual(codes({ changes: [change, change, change, change] }), ['leader-flapping']);
  t.deepEqual(codes({ counters: { ...counters, intake: { open: false } } }), ['intake-closed']);
  const silent = [{ worker: 'w1', at: NOW, tasks: 2 }];
  t.deepEqual(codes({ counters: { ...counters, workersSilent: silent } }), ['worker-silent']);
  t.deepEqual(codes({ counters: { ...counters, firesHeld: { code: 'skew', reason: 'clocks differ' } } }), [
    'fires-held',
  ]);
  const settings = { ...DEFAULT_QUEUE_SETTINGS, paused: true };
  t.deepEqual(codes({ queues: [{ ...queue, pending: 3, settings, oldestDueAt: NOW - 900_000 }] }), ['queue-paused']);
  t.deepEqual(codes({ queues: [{ ...queue, settings }] }), []);
  t.deepEqual(codes({ queues: [{ ...queue, pending: 3, oldestDueAt: NOW - 300_000 }] }), ['oldest-wait']);
  const bounded = { ...DEFAULT_QUEUE_SETTINGS, maxRunning: 2, maxPending: 5 };
  t.deepEqual(codes({ queues: [{ ...queue, pending: 3, out: 2, settings: bounded }] }), [
    'queue-full',
    'queue-at-limit',
  ]);
  t.deepEqual(codes({ zookeeper: { state: 'suspended', p50: 2 } }), ['zookeeper-slow']);
  t.deepEqual(codes({ zookeeper: { state: 'connected', p50: 500 }, isOpen: true, isRootOpen: true }), [
    'zookeeper-slow',
    'auth-off',
    'acl-open',
  ]);
  const all = attentionOf({ ...healthy, leader: null, isOpen: true, queues: [{ ...queue, pending: 3, settings }] });
  t.deepEqual(
    all.map(({ severity }) => severity),
    ['error', 'warn', 'info'],
  );
  t.notThrows(() => z.array(schemas.attention).parse(all));
});

test('a type that nobody offers is told with what is offered instead; of many only some are named', (t) => {
  const unservedTypes = Array.from({ length: 9 }, (_, i) => ({ type: `t${i}`, pending: 1, since: NOW }));
  const found = attentionOf({ ...healthy, counters: { ...counters, unservedTypes } });
  t.is(found.length, 5);
  t.regex(found[0]?.text ?? '', /No worker offers the type t0, and 1 task waits: there are no workers/);
  t.like(found[4], { type: 't4', more: 4 });
});

test('what fails often is told with its error', (t) => {
  const group = {
    ...{ type: 'send', error: 'Error', message: 'no route', count: 30, first: NOW, last: NOW },
    ...{ examples: [], queues: ['mail'], workers: [] },
  };
  const perMinute = Array.from({ length: 60 }, (_, i) => (i === 59 ? 25 : 0));
  const [failing] = attentionOf({ ...healthy, groups: [{ ...group, perMinute }] });
  t.like(failing, {
    code: 'failing',
    type: 'send',
    failures: 25,
    text: '25 attempts of send failed in the last 10 minutes with Error: no route',
  });
  t.deepEqual(codes({ groups: [{ ...group, perMinute: perMinute.map(() => 0) }] }), []);
});
