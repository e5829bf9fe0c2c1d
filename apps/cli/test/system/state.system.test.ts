import { batchIds, isBatchId } from '@drover/core';
import { batchPath, LAYOUT } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { Changes } from '@drover/testing';
import { connectZooKeeper, nullOn, type ZooKeeper } from '@drover/zookeeper';
import test, { type ExecutionContext } from 'ava';
import { runAll, work, world } from './world.js';

async function reader(t: ExecutionContext, connect: string): Promise<ZooKeeper> {
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  return zk;
}

async function* tree(zk: ZooKeeper, path: string): AsyncGenerator<string> {
  yield path;
  // A znode may be deleted during the walk: then it counts as absent.
  const children = (await nullOn(zk.children(path), 'NO_NODE')) ?? [];
  for (const child of children) yield* tree(zk, path === '/' ? `/${child}` : `${path}/${child}`);
}

async function paths(zk: ZooKeeper): Promise<string[]> {
  const found: string[] = [];
  for await (const path of tree(zk, '/')) found.push(path);
  return found;
}

test('leader, epoch, workers, assignments, batches and results are JSON, one value a line', async (t) => {
  const { cluster, drover } = await world(t);
  await cluster.scheduler('s1').event('term.began');
  await cluster.worker('w1', '--concurrency', '2').event('worker.registered');
  await runAll(drover, work(10, 0));
  await drover.submit('work', { n: 10, ms: 60_000 });
  await cluster.effectsReach(11);
  const zk = await reader(t, cluster.zk);
  const kinds = new Set<string>();
  for (const path of await paths(zk)) {
    const { data } = await zk.get(path);
    if (data.length === 0) continue;
    for (const line of data.toString('utf8').split('\n')) t.notThrows(() => JSON.parse(line) as unknown, path);
    kinds.add(path.split('/')[1] ?? '');
  }
  for (const kind of ['epoch', 'leader', 'schedulers', 'workers', 'tasks', 'assignments', 'status'])
    t.true(kinds.has(kind), kind);
});

test('after a run and its retention the znodes are what they were', async (t) => {
  const { cluster, drover } = await world(t);
  // Long enough for a client on a busy machine to read its results.
  await cluster.scheduler('s1', '--retain-tasks', '0', '--retain-at-least', '5s').event('term.began');
  await cluster.worker('w1', '--concurrency', '8').event('worker.registered');
  const zk = await reader(t, cluster.zk);
  const before = (await paths(zk)).sort();
  t.true(LAYOUT.every((path) => before.includes(path)));
  const finished = await runAll(drover, work(1_000, 0));
  t.is(finished.length, 1_000);
  const changes = new Changes();
  await zk.watch('/tasks', 'recursive', { event: changes.wake, reset: changes.wake });
  await changes.until(async () => (await paths(zk)).every((path) => !isBatchId(path.split('/')[3] ?? '')));
  t.deepEqual((await paths(zk)).sort(), before);
});

test('garbage and newer records in every kind of znode are reported, and the work goes on', async (t) => {
  const { cluster, drover } = await world(t);
  const scheduler = cluster.scheduler('s1');
  await scheduler.event('term.began');
  const worker = cluster.worker('w1', '--concurrency', '8');
  const registered = await worker.event('worker.registered');
  const zk = await reader(t, cluster.zk);
  const batch = batchIds(Date.now, Math.random)();
  await zk.create(batchPath(batch), 'not json at all');
  await zk.create('/tasks/00/no-batch', '{}');
  await zk.create('/queues/odd', '{"v":99}');
  await zk.create('/commands/odd', 'x');
  await zk.create('/workers/odd', '\u0000\u0001');
  await zk.create(`/assignments/${String(registered.worker)}/odd`, '{"v":1}');
  const finished = await runAll(drover, work(100, 0));
  t.is(finished.filter(({ state }) => state === 'succeeded').length, 100);
  await scheduler.event('record.invalid', 0, (line) => String(line.path).endsWith(batch));
  await scheduler.event('record.invalid', 0, (line) => line.path === '/tasks/00/no-batch');
  await scheduler.event('record.invalid', 0, (line) => line.path === '/queues/odd');
  await scheduler.event('record.invalid', 0, (line) => line.path === '/workers/odd');
  await worker.event('record.invalid', 0, (line) => String(line.path).endsWith('/odd'));
  t.true(scheduler.alive && worker.alive);
});
