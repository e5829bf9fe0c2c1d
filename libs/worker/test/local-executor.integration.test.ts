import { defineHandlers } from '@drover/core';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { LocalExecutor, Worker } from '../src/index.js';
import { FakeLeader } from './fake-leader.js';
import { RecordedLog } from './start-worker.js';

test('a worker whose handlers run in the thread of the test', async (t) => {
  const { connect } = await testZooKeeper(t);
  const leader = await FakeLeader.open(t, connect);
  const log = new RecordedLog();
  const given: number[] = [];
  let letGo: () => void = () => undefined;
  const executor = new LocalExecutor(
    defineHandlers<{ note: [number, number]; waits: [null, string]; obeys: [null, null] }>({
      note: (n, context) => {
        context.log('noted', { n });
        return given.push(n);
      },
      waits: () => new Promise((resolve) => (letGo = () => resolve('let go'))),
      obeys: {
        timeout: 20,
        run: (_, { signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      },
    }),
    'local',
  );
  const settings = { name: 'w', host: 'h', pid: process.pid, version: '0' };
  const zookeeper = { connect, sessionTimeoutMs: 6_000, runtime: systemRuntime };
  const worker = new Worker({
    factory: connectZooKeeper,
    zookeeper,
    runtime: systemRuntime,
    log,
    settings,
    types: executor.types,
  });
  t.teardown(() => worker.stop());
  await worker.start();
  const id = worker.id ?? '';
  t.deepEqual((await leader.record(id))?.types, ['note', 'obeys', 'waits']);
  t.like((await leader.end(await leader.give(id, [{ type: 'note', payload: 7 }]))).line, { result: 1 });
  t.deepEqual(given, [7]);
  t.like(await log.seen('task.log'), { message: 'noted', fields: { n: 7 } });
  t.is((await leader.end(await leader.give(id, [{ type: 'obeys' }]))).outcome, 'timed-out');
  const waiting = await leader.give(id, [{ type: 'waits' }]);
  await log.seen('task.started', ({ type }) => type === 'waits');
  t.is(executor.running, 1);
  const idle = executor.idle();
  letGo();
  await idle;
  t.is(executor.running, 0);
  t.like((await leader.end(waiting)).line, { result: 'let go' });
});
