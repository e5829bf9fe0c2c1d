import { defineHandlers } from '@drover/client';
import { RejectTaskError, type FailedAttempt, type TaskContext } from '@drover/worker';
import test from 'ava';
import { testDrover } from '../src/index.js';

test('interceptors of handlers, the end of their log and the error itself, in a whole Drover', async (t) => {
  const failures: FailedAttempt[] = [];
  const handlers = defineHandlers({
    greet: (name: string) => `hello ${name}`,
    fails: (_: null, { log }: TaskContext) => {
      log('about to fail', { n: 1 });
      throw new RejectTaskError('never');
    },
  });
  const kit = await testDrover({
    handlers,
    interceptors: [
      {
        around: async ({ type, queue }, next) => (type === 'greet' ? `${queue}: ${String(await next())}` : next()),
        onFailure: (failed) => void failures.push(failed),
      },
    ],
  });
  t.teardown(() => kit.close());
  const { drover, settle } = kit;
  const greeting = await drover.submit('greet', 'Ada', { queue: 'mail' });
  const failing = await drover.submit('fails', null);
  await settle();
  t.is(await greeting.result(), 'mail: hello Ada');
  t.like(failures, { 0: { task: failing.id, type: 'fails', queue: 'default', attempt: 1 }, length: 1 });
  t.true(failures[0]?.error instanceof RejectTaskError);
  t.like((await drover.get(failing.id)).history[0], { outcome: 'rejected', log: ['about to fail {"n":1}'] });
  t.false('log' in ((await drover.get(greeting.id)).history[0] ?? {}));
});
