import test from 'ava';
import type { FakeWorker } from './support/fake-worker.js';
import { World } from './support/world.js';

/** Tasks in the order in which the worker received them, one at a time: `batch.index`. */
async function receive(worker: FakeWorker, count: number): Promise<string[]> {
  const received: string[] = [];
  while (received.length < count) {
    const held = await worker.next();
    received.push(...worker.tasks());
    await worker.succeed(held);
  }
  return received;
}

const batchOf = (task: string): string => task.split('.')[0] ?? '';

/** The leader knows the task. */
async function isKnown(world: World, batch: string): Promise<void> {
  await world.until(async () => ((await world.ask({ kind: 'why', task: `${batch}.0` })).ok ? true : null));
}

test('tasks of a high priority go before a backlog of their tenant, whenever they come', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1', { aheadMs: 0 });
  const [older, younger] = [await world.submitter.submit(500), await world.submitter.submit(500)];
  const worker = await world.worker('w1', { capacity: 1, hold: true });
  const first = await receive(worker, 3);
  t.true(first.every((task) => batchOf(task) === older));
  await worker.next();
  const urgent = await world.submitter.submit(5, { priority: 9 });
  await isKnown(world, urgent);
  const why = await world.ask({ kind: 'why', task: `${younger}.7` });
  t.like(
    why.why?.reasons.find(({ code }) => code === 'behind-priority'),
    { of: 'tasks', priority: 0, highest: 9, pending: 5 },
  );
  const [out = '', ...next] = await receive(worker, 6);
  t.is(batchOf(out), older);
  t.deepEqual(next.map(batchOf), Array<string>(5).fill(urgent));
  t.deepEqual((await receive(worker, 2)).map(batchOf), [older, older]);
});

test('a task of a low priority goes first when it has waited long, behind a stream that never ends', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1', { aheadMs: 0, agingMs: 20 });
  const low = await world.submitter.submit(1, { priority: -1 });
  await world.submitter.submit(500, { priority: 1 });
  const worker = await world.worker('w1', { capacity: 1, hold: true });
  const received: string[] = [];
  while (!received.some((task) => batchOf(task) === low)) received.push(...(await receive(worker, 1)));
  t.true(received.length < 500, `it was task ${received.length}`);
});

test('tenants share by their weights, and one that comes later is next', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1', { aheadMs: 0 });
  t.true((await world.ask({ kind: 'configure', queue: 'q', settings: { tenants: { a: 3 } } })).ok);
  const a = await world.submitter.submit(400, { tenant: 'a' }, 'q');
  const b = await world.submitter.submit(400, { tenant: 'b' }, 'q');
  const worker = await world.worker('w1', { capacity: 1, hold: true });
  const shared = (await receive(worker, 100)).map(batchOf);
  const ofA = shared.filter((batch) => batch === a).length;
  t.true(Math.abs(ofA - 75) <= 4 && shared.includes(b), `${ofA} of 100`);
  await worker.next();
  const late = await world.submitter.submit(2, { tenant: 'late' }, 'q');
  await isKnown(world, late);
  const next = (await receive(worker, 7)).map(batchOf);
  t.true(next.slice(1, 4).includes(late), 'begins where the others are');
});

test('a limit of each tenant holds for each, stands in the record with what it needs, and a new leader keeps it', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1', { aheadMs: 0 });
  await world.ask({ kind: 'configure', queue: 'q', settings: { maxRunningPerTenant: 2, minShare: 0.1 } });
  t.like(await world.json('/queues/q'), { v: 2, needs: ['service-order'], maxRunningPerTenant: 2, minShare: 0.1 });
  const worker = await world.worker('w1', { capacity: 16, hold: true });
  const a = await world.submitter.submit(20, { tenant: 'a' }, 'q');
  const none = await world.submitter.submit(20, {}, 'q');
  const count = (batch: string): number => worker.tasks().filter((task) => batchOf(task) === batch).length;
  await worker.until(() => (count(a) === 2 && count(none) === 2 ? true : null));
  await world.kill(first);
  await world.scheduler('s2', { aheadMs: 0 });
  const why = await world.until(async () => (await world.ask({ kind: 'why', task: `${a}.19` })).why ?? null);
  t.like(
    why.reasons.find(({ code }) => code === 'tenant-limit'),
    { tenant: 'a', limit: 2, out: 2, blocking: true },
  );
  t.deepEqual([count(a), count(none)], [2, 2]);
  await world.ask({ kind: 'configure', queue: 'q', settings: { maxRunningPerTenant: null, minShare: 0 } });
  t.is(await world.json('/queues/q'), null);
  await worker.until(() => (worker.tasks().length === 16 ? true : null));
});

test('a full queue and a full tenant are named in /intake while they are full, also by a new leader', async (t) => {
  interface Intake {
    open: boolean;
    full?: { queue: string; max?: number; maxPerTenant?: number; tenants?: string[] }[];
  }
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const bounds = { maxPending: 6, maxPendingPerTenant: 4, paused: true };
  t.like(await world.ask({ kind: 'configure', queue: 'q', settings: bounds }), { ok: true });
  const record = await world.json<{ v: number; maxPending: number }>('/queues/q');
  t.like(record, { v: 1, maxPending: 6, maxPendingPerTenant: 4 }, 'an earlier leader may lead the queue');
  await world.submitter.submit(4, { tenant: 'loud' }, 'q');
  const named = (accept: (intake: Intake) => boolean): Promise<Intake> =>
    world.until(async () => {
      const found = await world.json<Intake>('/intake');
      return found !== null && accept(found) ? found : null;
    });
  const tenant = { queue: 'q', maxPerTenant: 4, tenants: ['loud'] };
  t.like(await named(({ full }) => full !== undefined), { open: true, full: [tenant] });
  await world.submitter.submit(2, {}, 'q');
  const both = { ...tenant, max: 6 };
  await named(({ full }) => full?.[0]?.max === 6);
  await world.kill(first);
  await world.zk.set('/intake', JSON.stringify({ v: 1, open: true, tasks: 0, bytes: 0, maxTasks: 9, maxBytes: 9 }));
  await world.scheduler('s2');
  t.deepEqual((await named(({ full }) => full !== undefined)).full, [both]);
  await world.worker('w1');
  await world.ask({ kind: 'configure', queue: 'q', settings: { paused: false } });
  t.is((await named(({ full }) => full === undefined)).open, true);
});

test('where tenants share by time, assignments ask the worker for it', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  await world.ask({ kind: 'configure', queue: 'q', settings: { fairness: 'time' } });
  const worker = await world.worker('w1', { capacity: 1, hold: true });
  await world.submitter.submit(1, { tenant: 'a' }, 'q');
  t.true((await worker.next()).record.timed);
});
