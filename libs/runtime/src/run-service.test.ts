import test from 'ava';
import { runService } from './run-service.js';
import type { Service } from './service.js';

test('a service that cannot stop ends the run with the reason, though it never says that it has stopped', async (t) => {
  const controller = new AbortController();
  const service: Pick<Service, 'stopped' | 'stop'> = {
    stopped: new Promise(() => undefined),
    stop: () => Promise.reject(new Error('it could not stop')),
  };
  const run = runService(service as Service, () => Promise.resolve(), {
    signal: controller.signal,
    onReady: () => controller.abort('enough'),
  });
  await t.throwsAsync(run, { message: 'it could not stop' });
});
