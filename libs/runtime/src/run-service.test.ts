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

test('a service that fails while it stops ends the run with the reason, whatever a second stop says', async (t) => {
  const controller = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const service: Pick<Service, 'stopped' | 'stop'> = {
    stopped: new Promise((_, reject) => (fail = reject)),
    stop: () => {
      fail(new Error('a fault on the way'));
      return Promise.resolve();
    },
  };
  const run = runService(service as Service, () => Promise.resolve(), {
    signal: controller.signal,
    onReady: () => controller.abort('enough'),
  });
  await t.throwsAsync(run, { message: 'a fault on the way' });
});

test('a stop while it starts is no error', async (t) => {
  const controller = new AbortController();
  let stops = 0;
  const service: Pick<Service, 'stopped' | 'stop'> = {
    stopped: new Promise(() => undefined),
    stop: () => {
      stops++;
      return Promise.resolve();
    },
  };
  const start = (signal: AbortSignal): Promise<void> => {
    controller.abort('not now');
    return Promise.reject(signal.reason as Error);
  };
  await t.notThrowsAsync(runService(service as Service, start, { signal: controller.signal }));
  t.is(stops, 1);
});
