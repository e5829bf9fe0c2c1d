import { defineHandlers } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

const handlers = defineHandlers<{ note: [null, string]; waits: [null, string] }>({
  note: () => 'done',
  waits: (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
});

test('why names what a task waits for, with its numbers, and the times at which it would fail', async (t) => {
  const { drover, clock, close } = await testDrover({ handlers, patience: 20 });
  t.teardown(close);
  const waitsAt = async (id: string): Promise<Record<string, unknown>> => {
    await clock.advance(0);
    const { reasons, sentence } = await drover.why(id);
    const [first] = reasons;
    t.is(first?.text, sentence);
    return first ?? {};
  };
  await drover.pauseQueue('slow', { by: 'ada', reason: 'provider is down' });
  const paused = await drover.submit('note', null, { queue: 'slow', expires: '10m', deadline: '2h' });
  t.like(await waitsAt(paused.id), { code: 'queue-paused', text: 'queue slow is paused by ada: provider is down' });
  const { submittedAt, expiresAt, deadlineAt } = await drover.get(paused.id);
  t.deepEqual([expiresAt, deadlineAt], [submittedAt + 600_000, submittedAt + 7_200_000]);
  t.like(await drover.why(paused.id), { expiresAt, deadlineAt });

  await drover.configureQueue('few', { maxRunning: 1 });
  const [running, limited] = [
    await drover.submit('waits', null, { queue: 'few' }),
    await drover.submit('note', null, { queue: 'few' }),
  ];
  t.like(await waitsAt(limited.id), { code: 'queue-limit', queue: 'few', limit: 1, out: 1 });
  await drover.configureQueue('fair', { maxRunningPerTenant: 1 });
  await drover.submit('waits', null, { queue: 'fair', tenant: 'acme' });
  const ofTenant = await drover.submit('note', null, { queue: 'fair', tenant: 'acme' });
  t.like(await waitsAt(ofTenant.id), { code: 'tenant-limit', queue: 'fair', tenant: 'acme', limit: 1, out: 1 });

  const later = await drover.submit('note', null, { delay: '1h' });
  t.like(await waitsAt(later.id), { code: 'not-due', cause: 'delay' });
  const after = await drover.submit('note', null, { after: [later.id, running.id] });
  t.like(await waitsAt(after.id), { code: 'waiting-task', left: 2, of: 2, next: later.id });
  const keyed = await drover.submit('waits', null, { unique: { key: 'doc', mode: 'last' } });
  const again = await drover.submit('note', null, { unique: { key: 'doc', mode: 'last' } });
  t.like(await waitsAt(again.id), { code: 'unique-key', key: 'doc', mode: 'last', holder: keyed.id });
  const unserved = await drover.submit('nobody' as 'note', null);
  t.like(await waitsAt(unserved.id), { code: 'type-unserved', type: 'nobody', workers: 1 });

  await drover.schedules.set('often', { when: { every: '1m' }, run: { type: 'waits' }, overlap: 'buffer-one' });
  await drover.schedules.trigger('often');
  const { task: fire } = await drover.schedules.trigger('often');
  t.like(await waitsAt(fire ?? ''), { code: 'waiting-fire', behind: 'an earlier fire of schedule often' });
});
