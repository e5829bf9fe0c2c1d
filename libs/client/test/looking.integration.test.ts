import test from 'ava';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper, type Teardown } from '@drover/testing';
import { connectZooKeeper, loadDriver, type ZooKeeper } from '@drover/zookeeper';
import type { ClientWarning, ConnectOptions, Drover } from '../src/index.js';
import { client, collect, world } from './client.js';

const ID = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';

/** A place where nobody has begun anything, and a handle to see that it stays so. */
async function nowhere(t: Teardown): Promise<{ zk: string; outside: ZooKeeper }> {
  const { connect } = await testZooKeeper(t);
  const outside = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => outside.close());
  await outside.connected();
  return { zk: `${connect}/typo`, outside };
}

async function warned(t: Teardown, zk: string, more: Partial<ConnectOptions> = {}) {
  const warnings: ClientWarning[] = [];
  const drover = await client(t, zk, { ...more, onWarning: (warning) => warnings.push(warning) });
  return { drover, codes: () => warnings.map(({ code }) => code) };
}

const READS: Readonly<Record<string, (drover: Drover) => Promise<unknown>>> = {
  status: (drover) => drover.status(),
  workers: (drover) => drover.workers(),
  queues: (drover) => drover.queues(),
  get: (drover) => drover.get(ID),
  list: (drover) => collect(drover.list()),
  drain: (drover) => drover.drain('w1'),
};
for (const [name, read] of Object.entries(READS)) {
  test(`${name} where nobody has begun: says so and makes nothing`, async (t) => {
    const { zk, outside } = await nowhere(t);
    const drover = await client(t, zk);
    await t.throwsAsync(read(drover), {
      name: 'NoDroverError',
      message: /no Drover at .*\/typo: no scheduler was ever started/,
    });
    t.deepEqual(await outside.children('/'), []);
  });
}

const ELSEWHERE = `eu1~${ID}`;
const IDS: Readonly<Record<string, (drover: Drover) => Promise<unknown>>> = {
  get: (drover) => drover.get(ELSEWHERE),
  task: (drover) => Promise.resolve().then(() => drover.task(ELSEWHERE)),
  cancel: (drover) => drover.cancel([ELSEWHERE]),
  retry: (drover) => drover.retry([ELSEWHERE]),
  'list after': (drover) => collect(drover.list({ after: ELSEWHERE })),
  'list id:': (drover) => collect(drover.list({ filter: `id:${ELSEWHERE}` })),
  'list batch:': (drover) => collect(drover.list({ filter: `-batch:${ELSEWHERE.replace('.0', '')}` })),
};
for (const [name, use] of Object.entries(IDS)) {
  test(`an id of a cell that there is not, given to ${name}, is refused by the name of the cell`, async (t) => {
    const { drover } = await world(t);
    await t.throwsAsync(use(drover), {
      name: 'UnknownCellError',
      message: /eu1~01JD3V8R2MZ6K4Q7T9XBYC5HNA.*: unknown cell 'eu1'/,
    });
  });
}

test('a foreign driver that only reads says so too', async (t) => {
  const { zk, outside } = await nowhere(t);
  const drover = await client(t, zk, { driver: await loadDriver('node-zookeeper-client') });
  await t.throwsAsync(drover.status(), { name: 'NoDroverError' });
  t.deepEqual(await outside.children('/'), []);
});

test('a submit where nobody ever led makes the root, is acknowledged, and warns once', async (t) => {
  const { zk, outside } = await nowhere(t);
  const { drover, codes } = await warned(t, zk);
  await drover.submit('echo', 1);
  await drover.submit('echo', 2);
  t.deepEqual(codes(), ['NEVER_LED']);
  t.deepEqual(await outside.children('/'), ['typo']);
  t.is((await drover.status()).leader, null);
});

test('where somebody has led nobody is warned', async (t) => {
  const { zk } = await world(t);
  const raw = connectZooKeeper({ connect: zk, runtime: systemRuntime });
  t.teardown(() => raw.close());
  await raw.create('/epoch', '{"v":1,"epoch":1,"leader":"s","at":1}');
  const { drover, codes } = await warned(t, zk);
  await drover.submit('echo', 1);
  t.deepEqual(codes(), []);
});

test('a client that looked too early sees the Drover that comes later', async (t) => {
  const { zk } = await nowhere(t);
  const [early, late] = [await client(t, zk), await client(t, zk, { onWarning: () => undefined })];
  await t.throwsAsync(early.status(), { name: 'NoDroverError' });
  await late.submit('echo', 1);
  t.is((await early.status()).leader, null);
});

test('directories that were removed by hand under a client are made again for its next task', async (t) => {
  const { zk } = await nowhere(t);
  const drover = await client(t, zk, { onWarning: () => undefined });
  await drover.submit('echo', 1);
  const raw = connectZooKeeper({ connect: zk, runtime: systemRuntime });
  t.teardown(() => raw.close());
  const deleteAll = async (path: string): Promise<void> => {
    for (const name of await raw.children(path)) await deleteAll(`${path}/${name}`);
    await raw.delete(path);
  };
  await deleteAll('/tasks');
  const { id } = await drover.submit('echo', 2);
  t.is((await drover.get(id)).type, 'echo');
});

test('credentials in a root that was made without any: the client says that they protect nothing', async (t) => {
  const { zk } = await nowhere(t);
  const open = await client(t, zk, { onWarning: () => undefined });
  await open.submit('echo', 1);
  const { codes } = await warned(t, zk, { auth: [{ scheme: 'digest', credentials: 'a:b' }] });
  t.deepEqual(codes(), ['ROOT_OPEN']);
});
