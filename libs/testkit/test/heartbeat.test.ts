import { defineHandlers, type TaskContext } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

test('an attempt goes on while it tells progress, and is over and retried when it has not for its heartbeat', async (t) => {
  const attempts: TaskContext[] = [];
  const causes: unknown[] = [];
  const handlers = defineHandlers({
    long: {
      heartbeat: '30s',
      retry: { kind: 'constant', delayMs: 1_000 },
      run: (_: null, context: TaskContext) =>
        new Promise((resolve) => {
          attempts.push(context);
          context.signal.addEventListener('abort', () => {
            causes.push((context.signal.reason as { abortCause: string }).abortCause);
            resolve('too late');
          });
        }),
    },
  });
  const { drover, clock, close } = await testDrover({ handlers, patience: 20 });
  t.teardown(close);
  const [byHandler, byTask] = [
    await drover.submit('long', null, { maxAttempts: 2 }),
    await drover.submit('long', null, { heartbeat: '2m', maxAttempts: 1 }),
  ];
  await clock.advance(0);
  for (let told = 0; told < 3; told++) {
    await clock.advance('29s');
    // The same as before counts: it goes on, though it gets nowhere.
    attempts[0]?.progress(0.1);
  }
  t.like(await drover.get(byHandler.id), { state: 'running', attempt: 1, progress: 0.1 });
  await clock.advance('29s');
  t.like(await drover.get(byHandler.id), { state: 'running', attempt: 1 });
  await clock.advance('4s');
  t.like(await drover.get(byHandler.id), { state: 'running', attempt: 2 });
  t.like(await drover.get(byTask.id), { state: 'failed', heartbeatMs: 120_000 });
  await clock.advance('31s');
  const { history, error } = await drover.get(byHandler.id);
  t.like(error, { name: 'HeartbeatTimeout', message: 'told no progress for 30000 ms' });
  t.deepEqual(
    history.map(({ outcome }) => outcome),
    ['timed-out', 'timed-out'],
  );
  t.deepEqual(causes, ['heartbeat', 'heartbeat', 'heartbeat']);
});
