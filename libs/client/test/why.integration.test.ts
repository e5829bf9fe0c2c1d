import type { TaskFailure } from '@drover/core';
import type { CommandRequest } from '@drover/protocol';
import { flow } from '@drover/flow';
import test from 'ava';
import { client, world } from './client.js';

const error: TaskFailure = { name: 'TypeError', message: 'no', retryable: true };
const batchOf = (id: string): string => id.split('.')[0] ?? '';

const WHY = {
  state: 'pending',
  reasons: [
    { code: 'behind-priority', blocking: false, text: 'others first' },
    { code: 'all-full', blocking: true, text: 'every worker is full', workers: 3 },
  ],
  line: { ahead: 2, exact: true, perSecond: null, etaMs: null },
  workers: null,
  asOf: 77,
};

test('why shows what the leader answers: the first reason that blocks is the sentence', async (t) => {
  const { drover, cluster } = await world(t);
  const asked: CommandRequest[] = [];
  await cluster.lead((request) => {
    asked.push(request);
    return { ok: true, why: WHY };
  });
  const { id } = await drover.submit('noop');
  const view = await drover.why(id);
  t.deepEqual(asked, [{ kind: 'why', task: id }]);
  t.deepEqual(view, { ...WHY, task: id, state: 'pending', sentence: 'every worker is full' });
  await t.throwsAsync(drover.why(`${batchOf(id)}.9`), { name: 'TaskNotFoundError' });
});

test('without a leader, and before one of an older release, why says so and tells what the znodes tell', async (t) => {
  const { drover, cluster, zk } = await world(t);
  const { id } = await drover.submit('noop');
  const impatient = await client(t, zk, { commandTimeout: 50 });
  const alone = await impatient.why(id);
  t.like(alone, { state: 'pending', line: null, workers: null, asOf: null });
  t.deepEqual(
    alone.reasons.map(({ code }) => code),
    ['no-leader', 'seen-in-znodes'],
  );
  t.regex(alone.sentence, /no leader/);
  await cluster.lead(() => ({ ok: true }));
  t.regex((await drover.why(id)).sentence, /release that does not know 'why'/);
});

test('of a task that has ended why tells how, and asks nobody', async (t) => {
  const { drover, cluster } = await world(t);
  const task = await drover.submit('noop', 1, { maxAttempts: 1 });
  await cluster.report(batchOf(task.id), [[0, { outcome: 'failed', error }]]);
  t.like(await drover.why(task.id), {
    state: 'failed',
    sentence: 'the task has ended: failed, attempt 1 of 1 was the last',
    reasons: [{ code: 'task-ended', blocking: true }],
  });
});

test('of a run why shows what the leader answers; without one nobody knows how far it is', async (t) => {
  const { drover, cluster, zk } = await world(t);
  const { id } = await drover.start(
    flow('asks', (f) => f.approve('ok?').result),
    null,
  );
  const impatient = await client(t, zk, { commandTimeout: 50 });
  t.like(await impatient.why(id), { isRun: true, state: 'unknown', reasons: [{ code: 'no-leader' }], asOf: null });
  const reasons = [{ code: 'approval', blocking: true, text: 'step ok? waits for its signal (yes, no)', step: 'ok?' }];
  await cluster.lead(() => ({ ok: true, why: { ...WHY, state: 'running', reasons, line: null } }));
  const view = await drover.why(id);
  t.like(view, { task: id, isRun: true, state: 'running', sentence: reasons[0]?.text, reasons });
});
