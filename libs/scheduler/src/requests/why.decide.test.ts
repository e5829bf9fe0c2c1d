import test from 'ava';
import type { Reason } from '@drover/planner';
import { whyOf } from './why.decide.js';

const NOW = 100_000;
const textOf = (reason: Reason, pausedBy: { by?: string; reason?: string; at: number } | null = null): string =>
  String(whyOf({ state: 'pending', reasons: [reason], line: null, workers: null }, pausedBy, NOW).reasons[0]?.text);

test('each reason has a sentence with its numbers', (t) => {
  const blocking = true;
  const texts = [
    textOf({ code: 'handed-out', blocking, worker: 'w1-x', attempt: 2, since: NOW - 1_500 }),
    textOf({ code: 'not-due', blocking, cause: 'delay', dueAt: NOW + 60_000 }),
    textOf({ code: 'not-due', blocking, cause: 'retry', dueAt: NOW + 2_000, failures: 1 }),
    textOf({ code: 'queue-limit', blocking, queue: 'q', limit: 1, out: 1 }),
    textOf({ code: 'type-unserved', blocking, type: 'resize', workers: 3 }),
    textOf({ code: 'not-understood', blocking, type: 'resize', features: ['limits', 'sequences'], workers: 3 }),
    textOf({ code: 'suspect', blocking: false, losses: 2, most: 3 }),
    textOf({ code: 'behind-priority', blocking: false, queue: 'vip', queues: 1, pending: 1 }),
  ];
  t.deepEqual(texts, [
    'worker w1-x has had it for 1.5 s, as attempt 2',
    'its delay ends in 60 s',
    'attempt 1 failed; the next one is due in 2.0 s',
    'queue q is at its limit of 1: 1 task out',
    'none of 3 workers offers the type resize',
    'no worker that offers the type resize understands what the task needs, limits, sequences (3)',
    '2 workers died while it ran (3 end it): it runs only beside other such tasks',
    'queues of a higher priority go first, such as vip, with 1 pending task',
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
