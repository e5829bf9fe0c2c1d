import test from 'ava';
import { setImmediate } from 'node:timers/promises';
import { testProxy, testZooKeeper, type OpName } from '@drover/testing';
import { connect, ConnectTimeoutError, type Task } from '../src/index.js';
import { collect, worldBehindProxy } from './client.js';

const batchOf = (task: Task | undefined): string => task?.id.split('.')[0] ?? '';

test('a submit whose reply is lost is done once', async (t) => {
  const { drover, cluster, proxy } = await worldBehindProxy(t);
  const cut = proxy.once(
    ({ direction, op }) => direction === 'reply' && op === 'create',
    () => 'cut-within',
  );
  const task = await drover.submit('noop', 1);
  await cut;
  const next = await drover.submit('noop', 2);
  t.deepEqual(
    (await cluster.batches(2)).map(({ id }) => id),
    [batchOf(task), batchOf(next)],
  );
  t.is(cluster.seen.length, 2);
});

test('a submit with keys whose reply is lost is done once, and is not taken for a duplicate of itself', async (t) => {
  const { drover, cluster, proxy } = await worldBehindProxy(t);
  const cut = proxy.once(
    ({ direction, op }) => direction === 'reply' && op === 'multi',
    () => 'cut-within',
  );
  const tasks = await Promise.all([drover.submit('noop', 1, { key: 'a' }), drover.submit('noop', 2, { key: 'b' })]);
  await cut;
  t.deepEqual(
    tasks.map(({ deduplicated }) => deduplicated),
    [false, false],
  );
  t.is((await cluster.batches(1))[0]?.batch.header.count, 2);
});

test('what happens while the connection is away is seen after it', async (t) => {
  const { drover, cluster, proxy } = await worldBehindProxy(t);
  const tasks = await Promise.all([drover.submit('noop', 1), drover.submit('noop', 2)]);
  const results = tasks.map((task) => task.result());
  await drover.status();
  await proxy.refuse();
  await cluster.report(batchOf(tasks[0]), [[0, { outcome: 'succeeded', result: 'a' }]]);
  await proxy.listenAgain();
  t.is(await results[0], 'a');
  await cluster.report(batchOf(tasks[0]), [[1, { outcome: 'succeeded', result: 'b' }]]);
  t.is(await results[1], 'b');
});

test('submits and waits outlive the session', async (t) => {
  const { drover, cluster, proxy } = await worldBehindProxy(t, { sessionTimeout: '1s' });
  const task = await drover.submit('noop', 1);
  const result = task.result();
  await drover.status();
  const before = proxy.sessions.length;
  await proxy.refuse();
  const submitted = drover.submit('noop', 2);
  await cluster.expire(proxy.sessions.at(-1));
  await proxy.listenAgain();
  const later = await submitted;
  await cluster.report(batchOf(task), [[0, { outcome: 'succeeded', result: 'a' }]]);
  t.is(await result, 'a');
  await cluster.report(batchOf(later), [[0, { outcome: 'succeeded', result: 'b' }]]);
  t.is(await later.result(), 'b');
  t.true(proxy.sessions.length > before);
});

test('bulk work goes through a connection that keeps breaking, each task once', async (t) => {
  const { drover, cluster, proxy } = await worldBehindProxy(t, { limits: { batchTasks: 50, aheadTasks: 500 } });
  cluster.echo();
  let replies = 0;
  proxy.addRule(({ direction, op }) => {
    if (direction !== 'reply' || op === 'connect') return 'pass';
    return ++replies % 40 === 0 ? 'cut-within' : 'pass';
  });
  const inputs = Array.from({ length: 3_000 }, (_, i) => ({ type: 'noop', payload: i }));
  const finished = await collect(drover.run(inputs));
  t.is(new Set(finished.map(({ index }) => index)).size, 3_000);
  for (const done of finished) t.is(done.state === 'succeeded' ? done.result : null, done.index);
  const written = cluster.seen.reduce((sum, { batch }) => sum + batch.header.count, 0);
  t.is(written, 3_000);
});

test('connect gives up after its timeout', async (t) => {
  const { address } = await testZooKeeper(t);
  const proxy = await testProxy(t, address);
  proxy.muteNewConnections(true);
  const failed = await t.throwsAsync(connect({ zk: proxy.address, connectTimeout: 200 }), {
    instanceOf: ConnectTimeoutError,
  });
  t.is(failed.timeoutMs, 200);
  await t.throwsAsync(connect(''), { name: 'InvalidArgumentError' });
});

test('close while ZooKeeper is away tells those who wait for an acknowledgement', async (t) => {
  const { drover, proxy } = await worldBehindProxy(t, { commandTimeout: 50 });
  await proxy.refuse();
  const submitted = t.throwsAsync(drover.submit('noop'), { name: 'ClientClosedError' });
  await drover.close();
  await submitted;
  await t.throwsAsync(drover.get('01J00000000000000000000000.0'), { name: 'ClientClosedError' });
});

const READS: OpName[] = ['addWatch', 'children', 'get', 'exists', 'sync'];
for (const read of READS)
  test(`close while '${read}' is under way ends every call, and no promise is left that nobody looks after`, async (t) => {
    const unhandled: unknown[] = [];
    const heard = (error: unknown): unknown => unhandled.push(error);
    process.on('unhandledRejection', heard);
    t.teardown(() => void process.off('unhandledRejection', heard));
    const { drover, cluster, proxy } = await worldBehindProxy(t, { sessionTimeout: '1s', commandTimeout: 50 });
    const [ended, waiting] = await Promise.all([drover.submit('noop'), drover.submit('noop')]);
    const removed = await drover.submit('noop');
    await cluster.batches(2);
    await cluster.report(batchOf(ended), [[0, { outcome: 'succeeded', result: 1 }]]);
    await cluster.remove(batchOf(removed));
    const underWay = proxy.once(
      ({ direction, op }) => direction === 'request' && op === read,
      () => {
        proxy.blackHole('to-client');
        return 'pass';
      },
    );
    const calls = [
      drover.task(removed.id).result(),
      drover.task(ended.id).result(),
      waiting.result(),
      drover.get(ended.id),
      drover.status(),
      drover.workers(),
      drover.queues(),
      collect(drover.list()),
      drover.cancel([waiting.id]),
      drover.untilDrained('w1'),
      drover.submit('noop', 1, { key: 'k' }),
      collect(drover.submitMany([{ type: 'noop' }])),
      collect(drover.run([{ type: 'noop' }])),
    ];
    const ends = Promise.allSettled(calls);
    await underWay;
    await drover.close();
    for (const end of await ends)
      if (end.status === 'rejected')
        t.regex((end.reason as Error).name, /^(ClientClosed|TaskNotFound|NoLeader|CommandTimeout)/);
    await setImmediate();
    t.deepEqual(unhandled, []);
  });
