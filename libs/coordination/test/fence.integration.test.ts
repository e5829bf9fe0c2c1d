import test from 'ava';
import { Told } from '@drover/testing';
import { silentMetrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { FencedWriter, type WriteFailure } from '../src/index.js';
import { handle, network } from './support.js';

function writerFor(zk: ZooKeeper, version: number, valid: () => boolean = () => true) {
  const failures = new Told<WriteFailure>();
  const failed = (failure: WriteFailure): void => failures.tell(failure);
  const writer = new FencedWriter({ zk, version, valid, runtime: systemRuntime, metrics: silentMetrics, failed });
  return { writer, failures };
}

test('writes are applied in order, and durable says when', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  const { writer } = writerFor(zk, 0);
  writer.write([{ op: 'create', path: '/a', data: '0' }]);
  for (let i = 1; i <= 2_000; i++) writer.write([{ op: 'set', path: '/a', data: String(i), version: i - 1 }]);
  t.true(await writer.durable());
  t.is((await zk.get('/a')).data.toString(), '2000');
});

test('what is written lazily goes with the next write, in order, and by itself when there is none', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  const { writer } = writerFor(zk, 0);
  writer.writeLazily([{ op: 'create', path: '/a', data: '0' }]);
  writer.write([{ op: 'set', path: '/a', data: '1', version: 0 }]);
  t.true(await writer.durable());
  const { stat } = await zk.get('/a');
  t.true(stat.version === 1 && stat.mzxid === stat.czxid, 'one transaction');
  const gone = new Promise((resolve) => void zk.exists('/a', resolve));
  writer.writeLazily([{ op: 'delete', path: '/a' }]);
  t.like(await gone, { type: 'deleted' });
});

test('a write of an earlier epoch is rejected, and nothing follows it', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  const { writer, failures } = writerFor(zk, 0);
  await zk.set('/epoch', 'later');
  writer.write([{ op: 'create', path: '/a' }]);
  t.is((await failures.first()).kind, 'fenced');
  t.true(writer.ended);
  t.is(await writer.attempt([{ op: 'create', path: '/b' }]), null);
  t.false(await writer.durable());
  t.deepEqual((await zk.children('/')).sort(), ['epoch']);
});

test('an attempt that fails for its own reason says where, and the term goes on', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  const { writer, failures } = writerFor(zk, 0);
  const answer = await writer.attempt([
    { op: 'create', path: '/a' },
    { op: 'delete', path: '/none' },
  ]);
  t.deepEqual(answer, { applied: false, code: 'NO_NODE', failedIndex: 1, path: '/none' });
  t.like(await writer.attempt([{ op: 'create', path: '/a' }]), { applied: true });
  t.deepEqual(failures.all, []);
});

test('a write that cannot fail and does ends the term', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  const { writer, failures } = writerFor(zk, 0);
  writer.write([{ op: 'delete', path: '/none' }]);
  const { kind, error } = await failures.first();
  t.is(kind, 'failed');
  t.like(error, { code: 'NO_NODE' });
});

test('a write that ZooKeeper refuses is reported, and those that went with it are written all the same', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  await zk.create('/shut', '', { acl: [{ scheme: 'world', id: 'anyone', permissions: 1 }] });
  const { writer, failures } = writerFor(zk, 0);
  const refused: string[] = [];
  const write = (path: string, key: string): void =>
    writer.write([{ op: 'create', path }], {
      key,
      refused: (refusal) => void refused.push(`${refusal.code} ${refusal.path}`),
    });
  for (const [path, key] of [
    ['/a', 'a'],
    ['/shut/b', 'b'],
    ['/c', 'c'],
    ['/none/d', 'd'],
    ['/e', 'e'],
  ] as const)
    write(path, key);
  t.true(await writer.durable());
  t.deepEqual(refused, ['NO_AUTH /shut/b', 'NO_NODE /none/d']);
  t.deepEqual(failures.all, []);
  t.deepEqual((await zk.children('/')).sort(), ['a', 'c', 'e', 'epoch', 'shut']);
});

test('what is too large for any server is refused alone', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  const { writer, failures } = writerFor(zk, 0);
  const large = { op: 'create', path: '/large', data: 'x'.repeat(2_000_000) } as const;
  t.like(await writer.attempt([large]), { applied: false, code: 'REQUEST_TOO_LARGE', failedIndex: -1, path: '/large' });
  const refused = new Told<string>();
  writer.write([{ op: 'create', path: '/a' }], { key: 'a' });
  writer.write([large], { key: 'large', refused: ({ code }) => refused.tell(code) });
  t.is(await refused.first(), 'REQUEST_TOO_LARGE');
  t.true(await writer.durable());
  t.not(await zk.exists('/a'), null);
  t.deepEqual(failures.all, []);
});

test('the order of a key is kept, or the term ends', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  const { writer, failures } = writerFor(zk, 0);
  writer.write([{ op: 'create', path: '/a' }], { key: 'a' });
  writer.write([{ op: 'create', path: '/none/b' }], { key: 'b', refused: () => undefined });
  // Sent behind it at once, and of the key of one that went with it: created again, /a would stay.
  const answer = await writer.attempt([{ op: 'delete', path: '/a' }], { key: 'a' });
  t.is((await failures.first()).kind, 'failed');
  t.not(answer?.applied, true);
  t.is(await zk.exists('/a'), null);
});

test('an urgent attempt goes before what waits', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  await zk.create('/a', '');
  const { writer } = writerFor(zk, 0);
  const order: string[] = [];
  const attempts = Array.from({ length: 40 }, (_, i) =>
    writer.attempt([{ op: 'set', path: '/a', data: String(i) }]).then(() => order.push(String(i))),
  );
  const urgent = writer.attempt([{ op: 'set', path: '/a', data: 'urgent' }], { urgent: true }).then(() => {
    order.push('urgent');
  });
  await Promise.all([...attempts, urgent]);
  t.is(order[0], 'urgent');
});

test('without a valid lease nothing is sent', async (t) => {
  const zk = await handle(await network(t));
  await zk.create('/epoch', '');
  const { writer, failures } = writerFor(zk, 0, () => false);
  writer.write([{ op: 'create', path: '/a' }]);
  t.is((await failures.first()).kind, 'lease');
  t.is(await zk.exists('/a'), null);
});

test('a write without an answer ends the term', async (t) => {
  const net = await network(t);
  const zk = await handle(net);
  await zk.create('/epoch', '');
  const { writer, failures } = writerFor(zk, 0);
  writer.write([{ op: 'create', path: '/a' }]);
  await new Promise<void>((resolve) => setImmediate(resolve));
  await zk.close();
  const waiting = writer.attempt([{ op: 'create', path: '/b' }]);
  t.is(await waiting, null);
  t.is((await failures.first()).kind, 'failed');
});
