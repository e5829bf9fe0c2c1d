import { systemRuntime } from '@drover/runtime';
import { testZooKeeper } from '@drover/testing';
import test, { type ExecutionContext } from 'ava';
import { DRIVER_NAMES, isZooKeeperError, openZooKeeper, type ZooKeeper } from '../src/index.js';

/** A handle of each driver that is installed, all on one chroot: each is an oracle for the others. */
async function handles(t: ExecutionContext): Promise<[ZooKeeper, ...ZooKeeper[]]> {
  const { connect } = await testZooKeeper(t);
  const opened: ZooKeeper[] = [];
  for (const name of DRIVER_NAMES) {
    try {
      const zk = await openZooKeeper(name, { connect, sessionTimeoutMs: 4_000, runtime: systemRuntime });
      t.teardown(() => zk.close());
      await zk.connected();
      opened.push(zk);
    } catch (error) {
      if (name !== 'zookeeper' || !isZooKeeperError(error, 'UNSUPPORTED')) throw error;
    }
  }
  const [ours, ...others] = opened;
  if (ours === undefined || others.length === 0) throw new Error('there is nothing to compare with');
  return [ours, ...others];
}

test('what one driver writes, every driver reads in the same way', async (t) => {
  const [ours, ...others] = await handles(t);
  const all = [ours, ...others];
  for (const writer of all) {
    const path = `/by-${writer.driver}`;
    const { zxid } = await writer.create(path, Buffer.from([0, 255, 10, 200]));
    await writer.create(`${path}/e`, 'grüße', { mode: 'ephemeral' });
    const stat = await writer.set(path, Buffer.from([1, 2, 254]), 0);
    t.is(stat.czxid, zxid);
    const expected = await ours.get(path);
    t.deepEqual(expected.stat, { ...stat, cversion: 1, numChildren: 1 });
    for (const reader of all) {
      t.deepEqual(await reader.get(path), expected, `${reader.driver} reads what ${writer.driver} wrote`);
      t.deepEqual(await reader.exists(path), expected.stat);
      t.deepEqual(await reader.children(path), ['e']);
      t.is((await reader.get(`${path}/e`)).stat.ephemeralOwner, writer.sessionId);
    }
  }
});

test('a multi of ours is read alike by all, and fences what the others write', async (t) => {
  const [ours, ...others] = await handles(t);
  await ours.multi([
    { op: 'create', path: '/epoch', data: '1' },
    { op: 'create', path: '/log' },
    { op: 'create', path: '/log/n-', mode: 'persistent-sequential' },
  ]);
  for (const other of others) {
    t.is((await other.get('/epoch')).data.toString(), '1');
    const { version } = (await ours.get('/epoch')).stat;
    await other.set('/epoch', '1', version);
    const stale = ours.multi([
      { op: 'check', path: '/epoch', version },
      { op: 'create', path: '/ghost' },
    ]);
    await t.throwsAsync(stale, { message: /BAD_VERSION/ });
    t.is(await other.exists('/ghost'), null);
  }
});
