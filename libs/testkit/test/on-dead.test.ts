import test from 'ava';
import { testDrover } from '../src/index.js';

interface DeadLetter {
  task: string;
  queue: string;
  type: string;
  outcome: string;
  attempts: number;
  diedAt: number;
  tenant?: string;
  error?: { name: string; message: string };
}

test('for each task that fails for good a task is started, which is told which one; a second death is told again', async (t) => {
  const told: DeadLetter[] = [];
  const { drover, settle, close } = await testDrover({
    handlers: {
      pay: ({ fails }: { fails: boolean }): string => {
        if (fails) throw new TypeError('no such account');
        return 'paid';
      },
      page: (letter: DeadLetter): void => {
        told.push(letter);
        throw new Error('nobody answers the pager');
      },
    },
  });
  t.teardown(close);
  const submit = (fails: boolean) =>
    drover.submit('pay', { fails }, { queue: 'bills', tenant: 'acme', maxAttempts: 1 });
  const before = await submit(true);
  await settle();
  await drover.configureQueue('bills', { onDead: { type: 'page', queue: 'alerts' } });
  await drover.configureQueue('alerts', { onDead: { type: 'page', queue: 'bills' } });
  const [dead] = await Promise.all([submit(true), submit(false), submit(false)]);
  await settle();
  t.is(told.length, 1, 'not of what failed before, nor of what succeeded');
  t.like(told[0], { task: dead.id, queue: 'bills', type: 'pay', outcome: 'failed', attempts: 1, tenant: 'acme' });
  t.deepEqual(told[0]?.error, { name: 'TypeError', message: 'no such account' });
  await drover.retry([dead.id]);
  await settle();
  t.like(told, [{ task: dead.id }, { task: dead.id, attempts: 2 }]);
  await drover.configureQueue('bills', { onDead: null });
  await drover.retry([dead.id, before.id]);
  await settle();
  t.is(told.length, 2);
  t.is((await drover.queues()).find(({ name }) => name === 'bills')?.onDead ?? null, null);
});
