import { batchIds, DEFAULT_TASK_OPTIONS } from '@drover/core';
import {
  BROADCAST,
  broadcastPath,
  decodeBroadcast,
  decodeResult,
  encodeBroadcast,
  resultPath,
  type BroadcastRecord,
} from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { World } from './support/world.js';

const newId = batchIds(systemRuntime.now, systemRuntime.random);
const WORKER = { understands: [BROADCAST], hold: true };

/** Starts a broadcast as a client would. */
async function start({ zk }: World, more: Partial<BroadcastRecord> = {}): Promise<string> {
  const id = newId();
  const task = { ...DEFAULT_TASK_OPTIONS, type: 'noop' };
  const record = { queue: 'default', task, joinersMs: 60_000, client: 'test', at: Date.now(), needs: [BROADCAST] };
  await zk.create(broadcastPath(id), encodeBroadcast({ ...record, ...more }, 'null'));
  return id;
}

async function recordOf({ zk }: World, id: string): Promise<BroadcastRecord> {
  return decodeBroadcast(broadcastPath(id), (await zk.get(broadcastPath(id))).data).record;
}

/** The names that have a task of it, sorted: one that is there twice has two. */
async function names({ zk, submitter }: World, id: string): Promise<string[]> {
  const batches = await zk.children(broadcastPath(id));
  const headers = await Promise.all(batches.map((batch) => submitter.header(batch)));
  return headers.flatMap((header) => header?.broadcast?.workers ?? []).sort();
}

test('a worker that joins is given the newest broadcast of a key, and not those before it; nobody is given one twice', async (t) => {
  const world = await World.create(t);
  const dying = await world.scheduler('s1');
  const first = await world.worker('a', WORKER);
  const rules = { key: 'rules' };
  const ids: string[] = [];
  for (let version = 1; version <= 3; version++) {
    ids.push(await start(world, rules));
    await first.until(() => (first.held.size === version ? true : null));
  }
  const other = await start(world, { key: 'other' });
  await first.until(() => (first.held.size === 4 ? true : null));
  const second = await world.worker('b', WORKER);
  await second.until(() => (second.held.size === 2 ? true : null));
  await world.scheduler('s2');
  await world.kill(dying);
  await world.leader(({ id }) => id === 's2');
  const third = await world.worker('c', WORKER);
  await third.until(() => (third.held.size === 2 ? true : null));
  const [one = '', two = '', newest = ''] = ids;
  for (const id of [newest, other]) t.deepEqual(await names(world, id), ['a', 'b', 'c']);
  for (const [id, newer] of [
    [one, two],
    [two, newest],
  ] as const) {
    t.deepEqual(await names(world, id), ['a']);
    t.like((await recordOf(world, id)).closed, { why: 'superseded', newer });
  }
  t.true([...first.begun.values()].every((times) => times === 1));
});

test('two workers of one name are one: it is given once; a worker that drains is left out where that is asked for', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const twins = [await world.worker('a', WORKER), await world.worker('a', WORKER)];
  const drains = await world.worker('b', WORKER);
  await world.worker('c', WORKER);
  t.like(await world.ask({ kind: 'drain', worker: drains.id, draining: true }), { ok: true });
  const all = await start(world);
  const skipping = await start(world, { skipDraining: true });
  await world.until(async () => ((await names(world, skipping)).length === 2 ? true : null));
  t.deepEqual(await names(world, skipping), ['a', 'c']);
  await world.until(async () => ((await names(world, all)).length === 3 ? true : null));
  t.deepEqual(await names(world, all), ['a', 'b', 'c']);
  await drains.next();
  const held = () => twins.reduce((sum, twin) => sum + twin.held.size, 0);
  await Promise.any(twins.map((twin) => twin.until(() => (held() >= 2 ? true : null))));
  t.is(held(), 2, 'each broadcast has one task for the name');
});

test('a task whose worker does not come back has failed when the time for it is over; why says so before', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('a', WORKER);
  // Long enough that the question below comes before it is over, on a machine that has much else to do as well.
  const id = await start(world, { joinersMs: 8_000 });
  const { record } = await worker.next();
  await worker.stop();
  const task = `${record.batch}.0`;
  const why = await world.until(async () => {
    const reasons = (await world.ask({ kind: 'why', task })).why?.reasons ?? [];
    return reasons.find(({ code }) => code === 'worker-gone') ?? null;
  });
  t.regex(why.text, /it is for worker a alone, which is not there; the leader ends it in/);
  t.like(await world.until(async () => (await recordOf(world, id)).finished ?? null), { succeeded: 0, failed: 1 });
  t.is((await recordOf(world, id)).closed?.why, 'over');
  const results = await world.zk.children(world.pathOf(record.batch));
  const last = resultPath(record.batch, results.sort().at(-1) ?? '');
  const [end] = decodeResult(last, (await world.zk.get(last)).data).ends;
  t.like(end, { outcome: 'refused', line: { error: { name: 'WorkerGoneError', retryable: false } } });
});
