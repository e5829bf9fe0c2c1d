import test from 'ava';
import type { Reason } from '@drover/planner';
import { whyOf } from './why.decide.js';

const NOW = 100_000;
const textOf = (reason: Reason, pausedBy: { by?: string; reason?: string; at: number } | null = null): string =>
  String(whyOf({ state: 'pending', reasons: [reason], line: null, workers: null }, pausedBy, NOW).reasons[0]?.text);

/** A task of a low priority, behind others of its tenant. */
const LOW = {
  code: 'behind-priority',
  blocking: false,
  of: 'tasks',
  tenant: 'acme',
  priority: 0,
  highest: 9,
  pending: 7,
} as const;

test('each reason has a sentence with its numbers', (t) => {
  const blocking = true;
  const texts = [
    textOf({ code: 'handed-out', blocking, worker: 'w1-x', attempt: 2, since: NOW - 1_500 }),
    textOf({ code: 'handed-out', blocking, worker: 'w1-x', attempt: 2, since: NOW - 1_500, usualMs: 40_000 }),
    textOf({ code: 'not-due', blocking, cause: 'delay', dueAt: NOW + 60_000 }),
    textOf({ code: 'not-due', blocking, cause: 'retry', dueAt: NOW + 2_000, failures: 1 }),
    textOf({ code: 'not-due', blocking, cause: 'later', dueAt: NOW + 2_000 }),
    textOf({ code: 'queue-limit', blocking, queue: 'q', limit: 1, out: 1 }),
    textOf({ code: 'limit', blocking, limit: 'stripe', key: 'acme', most: 3, out: 3 }),
    textOf({ code: 'rate-limit', blocking, limit: 'gpu', key: null, until: NOW + 1_000, isHeld: false }),
    textOf({ code: 'rate-limit', blocking, limit: 'gpu', key: null, until: NOW + 1_000, isHeld: true }),
    textOf({ code: 'rate-limit', blocking, limit: 'gpu', key: null, until: Number.MAX_SAFE_INTEGER, isHeld: true }),
    textOf({ code: 'sequence', blocking, sequence: 'order-42', behind: 'b.0', isBlocked: false }),
    textOf({ code: 'sequence', blocking, sequence: 'order-42', behind: 'b.0', isBlocked: true }),
    textOf({ code: 'limit-undeclared', blocking: false, limit: 'gpu' }),
    textOf({ code: 'type-unserved', blocking, type: 'resize', workers: 3 }),
    textOf({ code: 'not-understood', blocking, type: 'resize', features: ['limits', 'sequences'], workers: 3 }),
    textOf({ code: 'suspect', blocking: false, losses: 2, most: 3 }),
    textOf({ code: 'behind-priority', blocking: false, of: 'queues', queue: 'vip', queues: 1, pending: 1 }),
    textOf({ ...LOW, firstAt: NOW + 5_000 }),
    textOf({ ...LOW, pending: 1, firstAt: NOW }),
    textOf({ ...LOW, firstAt: null }),
    textOf({ code: 'tenant-turn', blocking: false, queue: 'q', tenant: 'acme', weight: 3, tenants: 2, pending: 7 }),
    textOf({ code: 'tenant-limit', blocking, queue: 'q', tenant: '', limit: 4, out: 4 }),
    textOf({
      code: 'over-limit',
      blocking,
      account: 'ads',
      resource: 'cpu',
      need: 1_500,
      limit: 8_000,
      claimed: 7_000,
    }),
    textOf({ code: 'reserved', blocking: false, worker: 'w1-x', isOwn: true, from: NOW + 9_000 }),
    textOf({ code: 'reserved', blocking: false, worker: 'w1-x', isOwn: false, from: null }),
    textOf({ code: 'floating', blocking, resource: 'licence.x', need: 1_000, total: 2_000, claimed: 2_000 }),
    textOf({ code: 'not-lent', blocking, account: 'ads', resource: 'memory', need: 2 ** 30, free: 2 ** 29 }),
    textOf({ code: 'account-turn', blocking: false, account: 'ads', share: 0.5, weight: 2, accounts: 1, place: 2 }),
  ];
  t.deepEqual(texts, [
    'worker w1-x has had it for 1.5 s, as attempt 2',
    'worker w1-x has had it for 1.5 s, as attempt 2; half of the tasks of its type take 40 s at most',
    'its delay ends in 60 s',
    'attempt 1 failed; the next one is due in 2.0 s',
    'its handler asked to run it later: it is due in 2.0 s',
    'queue q is at its limit of 1: 1 task out',
    'limit stripe/acme allows 3 tasks at a time: 3 out',
    'limit gpu has used up its rate: the next start is in 1.0 s at the earliest',
    'limit gpu is held for 1.0 s',
    'limit gpu is held until somebody mends its definition, which the leader cannot read',
    "task b.0 of its sequence 'order-42' was submitted before it and has not ended",
    "task b.0 of its sequence 'order-42' has failed: the others wait until it is retried or cancelled",
    'it names the limit gpu, which nobody has declared: that limits nothing',
    'none of 3 workers offers the type resize',
    'no worker that offers the type resize understands what the task needs, limits, sequences (3)',
    '2 workers died while it ran (3 end it): it runs only beside other such tasks',
    'queues of a higher priority go first, such as vip, with 1 pending task',
    '7 tasks of a higher priority than 0 (up to 9) go first, until it has waited 5.0 s more',
    '1 task of a higher priority than 0 (up to 9) goes first; it has waited so long that it is next',
    '7 tasks of a higher priority than 0 (up to 9) go first',
    'it is the turn of 2 other tenants of queue q, with 7 pending tasks: tenant acme (weight 3) has had more for its weight',
    'the tenant without a name is at the limit of 4 that queue q has for each tenant: 4 tasks out',
    'account ads is at its limit of cpu=8: it has cpu=7, and a task needs cpu=1.5',
    'worker w1-x is kept for such tasks until it has room, in 9.0 s',
    'the room of worker w1-x is kept for tasks that have waited longer',
    'of licence.x there is 2 in all: 2 is held, and a task needs 1',
    'other accounts keep what they are guaranteed: memory=512MiB is left for account ads, and a task needs memory=1GiB',
    'it is the turn of 1 other account: account ads (weight 2, place 2) holds more for its weight',
  ]);
});

test('a pause names the person and the reason, in the sentence and as a field', (t) => {
  const reason = { code: 'queue-paused', blocking: true, queue: 'mail' } as const;
  const pausedBy = { by: 'ada', reason: 'provider down', at: 7 };
  t.is(textOf(reason), 'queue mail is paused');
  t.is(textOf(reason, pausedBy), 'queue mail is paused by ada: provider down');
  const answer = whyOf({ state: 'pending', reasons: [reason], line: null, workers: null }, pausedBy, NOW);
  t.like(answer, { asOf: NOW, state: 'pending', reasons: [{ pausedBy }] });
});
