import { LIMITED, SEQUENCES } from '@drover/protocol';
import { countOf, indexesOf } from '@drover/core';
import test from 'ava';
import type { FakeWorker } from './support/fake-worker.js';
import { logged, World } from './support/world.js';

const understands = [LIMITED, SEQUENCES];
const batchOf = (task: string): string => task.split('.')[0] ?? '';

test('a concurrency of each key is never above, whoever leads; tasks under no limit pass; why names the key', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const spec = { concurrency: 3, rate: null, on: null, per: 'key' as const };
  t.like(await world.ask({ kind: 'set-limit', name: 'api', spec }), { ok: true, limit: { ok: true, revision: 1 } });
  t.like(await world.json('/limits/api'), { v: 1, revision: 1, spec });
  const worker = await world.worker('w1', { capacity: 64, hold: true, understands });
  const keys = Array.from({ length: 10 }, (_, n) => `k${n}`);
  const byBatch = new Map<string, string>();
  for (const key of keys) byBatch.set(await world.submitter.submit(6, { limits: [`api/${key}`] }, 'q', [LIMITED]), key);
  let most = 0;
  const sweep = (): void => {
    const counts = new Map<string, number>();
    for (const task of worker.tasks()) counts.set(batchOf(task), (counts.get(batchOf(task)) ?? 0) + 1);
    for (const batch of byBatch.keys()) most = Math.max(most, counts.get(batch) ?? 0);
  };
  const swept = <T>(ask: () => T | null): Promise<T> =>
    worker.until(() => {
      sweep();
      return ask();
    });
  await swept(() => (worker.tasks().length === 30 ? true : null));
  const [limited = ''] = byBatch.keys();
  const free = await world.submitter.submit(4, {}, 'q');
  for (const task of await swept(() => heldOf(worker, free, 4))) await worker.succeed(task);
  t.is((await world.until(() => world.submitter.finished(free))).succeeded, 4);
  const { why } = await world.ask({ kind: 'why', task: `${limited}.5` });
  t.like(why?.reasons[0], { code: 'limit', limit: 'api', key: 'k0', most: 3, out: 3, blocking: true });

  await world.kill(first);
  const second = await world.scheduler('s2');
  await world.until(() => (logged(second, 'term.loaded') ? true : null));
  const shown = await world.ask({ kind: 'show-limits', names: ['api'] });
  t.like(shown.limits?.[0], { name: 'api', out: 30, waiting: 30, waitingKeys: 10 });
  t.is(worker.tasks().length, 30);
  for (let done = 0; done < 60;) {
    const held = await swept(() => [...worker.held.values()][0] ?? null);
    done += countOf(held.record.tasks);
    await worker.succeed(held);
  }
  for (const batch of byBatch.keys()) t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 6);
  t.is(most, 3);
  t.true([...worker.begun.values()].every((times) => times === 1));
});

function heldOf(worker: FakeWorker, batch: string, count: number) {
  const held = [...worker.held.values()].filter(({ record }) => record.batch === batch);
  return held.reduce((sum, { record }) => sum + countOf(record.tasks), 0) === count ? held : null;
}

test('a rate is never above, whoever leads: the next leader goes on where the reservation ends', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const [limit, burst, count] = [40, 4, 40];
  const spec = {
    concurrency: null,
    rate: { limit, periodMs: 1_000, burst },
    on: { type: 'noop' },
    per: 'all' as const,
  };
  t.like(await world.ask({ kind: 'set-limit', name: 'api', spec }), { ok: true });
  const worker = await world.worker('w1', { capacity: 64, hold: true, understands });
  const starts: number[] = [];
  const batch = await world.submitter.submit(count);
  await worker.until(() => (worker.tasks().length >= burst + 2 ? true : null));
  // By itself the rate has room every 25 ms, and may have when this is asked.
  t.like(await world.ask({ kind: 'hold-limit', limit: 'api', ms: 3_600_000 }), { ok: true });
  const { why } = await world.ask({ kind: 'why', task: `${batch}.${count - 1}` });
  t.like(why?.reasons[0], { code: 'rate-limit', limit: 'api', blocking: true });
  t.like(await world.ask({ kind: 'hold-limit', limit: 'api', ms: 0 }), { ok: true });
  await world.kill(first);
  const reserved = await world.zk.children('/limits/api');
  t.is(reserved.length, 1, 'one key, one shard');
  await world.scheduler('s2');
  await worker.until(() => (worker.tasks().length === count ? true : null));
  for (const { record } of worker.held.values()) for (const _ of indexesOf(record.tasks)) starts.push(record.at);
  starts.sort((a, b) => a - b);
  // Between two starts the rate allows so many; one more, because two leaders read ZooKeeper's clock apart.
  for (const [i, from] of starts.entries())
    for (const [j, to] of starts.entries())
      if (j >= i) t.true(j - i + 1 <= burst + ((to - from) * limit) / 1_000 + 1, `${j - i + 1} in ${to - from} ms`);
  await worker.release();
  t.is((await world.until(() => world.submitter.finished(batch))).succeeded, count);
  t.like(await world.ask({ kind: 'remove-limit', name: 'api' }), { ok: true, limit: { ok: true, change: 'removed' } });
  t.deepEqual(await world.zk.children('/limits'), []);
});

test('a sequence goes on in order under the next leader, and holds and limits that nobody can read keep tasks waiting', async (t) => {
  const world = await World.create(t);
  await world.zk.create('/limits/odd', '{"v":1,"revision":');
  const first = await world.scheduler('s1');
  const worker = await world.worker('w1', { capacity: 64, hold: true, understands });
  const sequence = { key: 'order-42', onFailure: 'continue' as const };
  const batches = [];
  for (let n = 0; n < 3; n++) batches.push(await world.submitter.submit(2, { sequence }, 'q', [SEQUENCES]));
  const order = batches.flatMap((batch) => [`${batch}.0`, `${batch}.1`]);
  const odd = await world.submitter.submit(1, { limits: ['odd'] }, 'q', [LIMITED]);
  const received: string[] = [];
  for (let done = 0; done < order.length; done++) {
    const held = await worker.next();
    received.push(...worker.tasks());
    if (done === 1) {
      const { why } = await world.ask({ kind: 'why', task: order[5] ?? '' });
      t.like(why?.reasons[0], { code: 'sequence', sequence: 'order-42', behind: order[1] });
      await world.kill(first);
      const second = await world.scheduler('s2');
      await world.until(() => (logged(second, 'term.loaded') ? true : null));
      t.deepEqual(worker.tasks(), [order[1]]);
    }
    await worker.succeed(held);
  }
  t.deepEqual(received, order);
  const { why } = await world.ask({ kind: 'why', task: `${odd}.0` });
  t.like(why?.reasons[0], { code: 'rate-limit', limit: 'odd', isHeld: true });
  t.regex(why?.reasons[0]?.text ?? '', /mends its definition/);
  t.deepEqual(worker.tasks(), []);
});
