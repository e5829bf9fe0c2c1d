import test from 'ava';
import { resolveSchedulerConfig } from '@drover/config';
import { silentLog } from '@drover/observability';
import { testZooKeeper } from '@drover/testing';
import { runScheduler } from '../src/index.js';

test('a scheduler runs until it is asked to stop', async (t) => {
  const { connect } = await testZooKeeper(t);
  const config = resolveSchedulerConfig({
    flags: { zk: connect, id: 's1', sessionTimeout: '2s', apiListen: 'off' },
    env: {},
  });
  const stopping = new AbortController();
  let ended: Promise<void> | undefined;
  const id = await new Promise<string>((onReady, reject) => {
    ended = runScheduler(config, { version: '0', signal: stopping.signal, log: silentLog, onReady });
    ended.catch(reject);
  });
  t.is(id, 's1');
  stopping.abort();
  await t.notThrowsAsync(ended ?? Promise.reject(new Error('it was never run')));
});

test('without a ZooKeeper it gives up after the connect timeout', async (t) => {
  const config = resolveSchedulerConfig({
    flags: { zk: '127.0.0.1:1', connectTimeout: '100ms', apiListen: 'off' },
    env: {},
  });
  await t.throwsAsync(runScheduler(config, { version: '0', log: silentLog }), { name: 'ConnectTimeoutError' });
});

test('an unknown strategy, or a driver that cannot fence, is refused', async (t) => {
  const run = (flags: Record<string, unknown>) =>
    runScheduler(resolveSchedulerConfig({ flags: { zk: '127.0.0.1:1', apiListen: 'off', ...flags }, env: {} }), {
      version: '0',
      log: silentLog,
    });
  await t.throwsAsync(run({ strategy: 'by-the-moon' }), { name: 'InvalidArgumentError', message: /least-loaded/ });
  await t.throwsAsync(run({ zkDriver: 'zookeeper' }), { name: 'InvalidArgumentError' });
});
