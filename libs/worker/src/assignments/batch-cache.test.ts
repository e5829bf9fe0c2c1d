import { DEFAULT_TASK_OPTIONS, RecordError } from '@drover/core';
import { memoryOf, UNUSED_MS } from '@drover/inspect';
import { encodeBatch } from '@drover/protocol';
import { ManualRuntime } from '@drover/testing';
import { ZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { BatchCache } from './batch-cache.js';

const header = {
  queue: 'q',
  count: 1,
  at: 0,
  client: 'c',
  groups: [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count: 1 }],
};
const body = Buffer.from(encodeBatch(header, ['1']));
const id = (n: number): string => `01J9ZZZZZZZZZZZZZZZZZZZZZ${n}`;

/** Counts reads; answers with `answer`. */
function counted(answer: () => Promise<Buffer> = () => Promise.resolve(body)): { zk: ZooKeeper; reads: () => number } {
  let reads = 0;
  const get = async () => {
    reads++;
    return { data: await answer() };
  };
  return { zk: { get } as unknown as ZooKeeper, reads: () => reads };
}

test('a batch is read once, also when asked for twice at the same time', async (t) => {
  const { zk, reads } = counted();
  const cache = new BatchCache(zk, 1_000_000, new ManualRuntime());
  const [a, b] = await Promise.all([cache.get(id(1)), cache.get(id(1))]);
  t.is(a, b);
  t.is(await cache.get(id(1)), a);
  t.is(reads(), 1);
});

test('the least recently used is forgotten first', async (t) => {
  const { zk, reads } = counted();
  const cache = new BatchCache(zk, 2 * memoryOf(body.length), new ManualRuntime());
  for (const n of [1, 2, 1, 3]) await cache.get(id(n));
  t.is(reads(), 3);
  await cache.get(id(1));
  t.is(reads(), 3);
  await cache.get(id(2));
  t.is(reads(), 4);
});

test('a batch larger than the cache is kept until the next one comes', async (t) => {
  const { zk, reads } = counted();
  const cache = new BatchCache(zk, 1, new ManualRuntime());
  await cache.get(id(1));
  await cache.get(id(1));
  t.is(reads(), 1);
  await cache.get(id(2));
  await cache.get(id(1));
  t.is(reads(), 3);
});

test('one that was not used for long is forgotten when another comes', async (t) => {
  const { zk, reads } = counted();
  const runtime = new ManualRuntime();
  const cache = new BatchCache(zk, 1_000_000, runtime);
  await cache.get(id(1));
  await cache.get(id(2));
  await runtime.advance(UNUSED_MS / 2);
  await cache.get(id(1));
  await runtime.advance(UNUSED_MS / 2 + 1);
  await cache.get(id(3));
  t.is(reads(), 3);
  await cache.get(id(1));
  t.is(reads(), 3, 'used in between');
  await cache.get(id(2));
  t.is(reads(), 4);
});

test('failures are not remembered', async (t) => {
  const answers = [
    () => Promise.reject(new ZooKeeperError({ code: 'NO_NODE', op: 'get', outcome: 'not-applied' })),
    () => Promise.resolve(Buffer.from('garbage')),
    () => Promise.resolve(body),
  ];
  const { zk } = counted(() => answers.shift()?.() ?? Promise.resolve(body));
  const cache = new BatchCache(zk, 1_000, new ManualRuntime());
  await t.throwsAsync(cache.get(id(1)), { instanceOf: ZooKeeperError });
  await t.throwsAsync(cache.get(id(1)), { instanceOf: RecordError });
  t.is((await cache.get(id(1))).payload(0), '1');
});
