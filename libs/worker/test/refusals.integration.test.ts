import test from 'ava';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper, type Teardown } from '@drover/testing';
import { connectZooKeeper, type Acl, type ZooKeeper } from '@drover/zookeeper';
import { Worker } from '../src/index.js';
import { FakeLeader } from './fake-leader.js';
import { makeWorker, RecordedLog, startWorld } from './start-worker.js';

const READ_ONLY: readonly Acl[] = [{ permissions: 1 | 16, scheme: 'world', id: 'anyone' }];
const ALL: readonly Acl[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }];

async function deleteAll(zk: ZooKeeper, path: string): Promise<void> {
  for (const name of await zk.children(path)) await deleteAll(zk, `${path}/${name}`);
  await zk.delete(path);
}

/** Counts unhandled rejections, which would end a worker's process. */
function countUnhandled(t: Teardown): () => number {
  let count = 0;
  const heard = (): void => {
    count++;
  };
  process.on('unhandledRejection', heard);
  t.teardown(() => void process.off('unhandledRejection', heard));
  return () => count;
}

test.serial('a worker whose directories are removed by hand makes them again and goes on', async (t) => {
  const unhandled = countUnhandled(t);
  const { leader, worker, id } = await startWorld(t);
  for (const directories of [['/assignments'], ['/workers', '/assignments']]) {
    for (const directory of directories) await deleteAll(leader.zk, directory);
    await leader.until(async () => (await leader.zk.exists(`/assignments/${id}`)) && (await leader.record(id)));
    t.is((await leader.end(await leader.give(id, [{ type: 'noop' }]))).outcome, 'succeeded');
  }
  t.true(worker.health.ready);
  t.is(unhandled(), 0);
});

test.serial('a registration that is refused is tried again until it is allowed, and told once', async (t) => {
  const unhandled = countUnhandled(t);
  const { connect } = await testZooKeeper(t);
  const leader = await FakeLeader.open(t, connect);
  await leader.zk.setAcl('/workers', READ_ONLY);
  const log = new RecordedLog();
  const worker = makeWorker(connect, log);
  t.teardown(() => worker.stop());
  const started = worker.start();
  const { reason } = await log.seen('registration.refused');
  t.regex(String(reason), /NO_AUTH/);
  t.false(worker.health.ready);
  t.regex(worker.health.why, /NO_AUTH/);
  await leader.zk.setAcl('/workers', ALL);
  await started;
  t.true(worker.health.ready);
  t.is(log.of('registration.refused').length, 1);
  t.is((await leader.end(await leader.give(worker.id ?? '', [{ type: 'noop' }]))).outcome, 'succeeded');
  t.is(unhandled(), 0);
});

test.serial('a worker that is refused can be stopped at once', async (t) => {
  const { connect } = await testZooKeeper(t);
  const leader = await FakeLeader.open(t, connect);
  await leader.zk.setAcl('/assignments', READ_ONLY);
  const log = new RecordedLog();
  const worker = makeWorker(connect, log);
  const stop = new AbortController();
  const started = worker.start(stop.signal);
  await log.seen('registration.refused');
  stop.abort(new Error('stop'));
  await t.throwsAsync(started, { message: 'stop' });
  await worker.stopped;
});

test.serial('credentials that ZooKeeper refuses end the worker with the reason', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zookeeper = { connect, runtime: systemRuntime, auth: [{ scheme: 'no-such-scheme', credentials: 'x' }] };
  const worker = new Worker({
    ...{ factory: connectZooKeeper, zookeeper, runtime: systemRuntime, log: new RecordedLog() },
    settings: { name: 'w', host: 'h', pid: 1, version: '0' },
  });
  await t.throwsAsync(worker.start(), { name: 'ZooKeeperError', code: 'AUTH_FAILED' });
  await t.throwsAsync(worker.stopped, { code: 'AUTH_FAILED' });
  t.false(worker.health.ready);
});
