import test from 'ava';
import { LAYOUT } from '@drover/protocol';
import { silentLog } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { PlainSession, testProxy, Told } from '@drover/testing';
import { connectZooKeeper, type Stat, type ZooKeeper, type ZooKeeperFactory } from '@drover/zookeeper';
import { Membership, ChildrenCache, Session, type SessionView } from '../src/index.js';
import { handle, network, openSession, SHORT_MS } from './support.js';

test('any number of sessions make the root and the layout, and all of it is there', async (t) => {
  const net = await network(t);
  const deep = { ...net, chroot: `${net.chroot}/a/b` };
  await Promise.all([openSession(deep), openSession(deep), openSession(deep)]);
  const zk = await handle(net);
  for (const path of LAYOUT) t.not(await zk.exists(`/a/b${path}`), null, path);
});

test('a connection that breaks while the root is made holds nobody up', async (t) => {
  const { address, chroot } = await network(t);
  const proxy = await testProxy(t, address);
  const cut = proxy.once(
    ({ direction, op }) => direction === 'reply' && op === 'create',
    () => 'cut-within',
  );
  const connect = `${proxy.address}${chroot}/a`;
  const session = new Session({
    ...{ factory: connectZooKeeper, zookeeper: { connect, runtime: systemRuntime } },
    ...{ log: silentLog, role: 'a test' },
  });
  t.teardown(() => session.close());
  await session.connected();
  await cut;
  for (const path of LAYOUT) t.not(await session.zk.exists(path), null, path);
});

test('a session that expires is followed by another incarnation, which is told in this order', async (t) => {
  const net = await network(t);
  const { session, proxy } = await openSession(net, SHORT_MS);
  const told = new Told<SessionView>();
  session.onState((view) => told.tell(view));
  await session.zk.create('/leader', '', { mode: 'ephemeral' });
  proxy.blackHole('both');
  await told.first(({ state }) => state === 'suspended');
  t.is(session.leaseMs(), 0);
  await PlainSession.endOneOf(proxy.sessions, net.address, session.zk.sessionId);
  proxy.blackHole('none');
  await told.first(({ state, incarnation }) => state === 'connected' && incarnation === 2);
  t.deepEqual(
    told.all.map(({ state, incarnation }) => [state, incarnation]),
    [
      ['suspended', 1],
      ['expired', 1],
      ['connected', 2],
    ],
  );
  t.is(session.earlierSessions.length, 1);
});

test('a driver that cannot fence is refused', async (t) => {
  const { connect } = await network(t);
  const lame: ZooKeeperFactory = (options) => {
    const zk = connectZooKeeper(options);
    return Object.defineProperty(zk, 'capabilities', { value: { ...zk.capabilities, multi: false } });
  };
  const open = () =>
    new Session({ factory: lame, zookeeper: { connect, runtime: systemRuntime }, log: silentLog, role: 'a test' });
  t.throws(open, { name: 'DriverNotCapableError', message: /lacks multi/ });
});

test('waiting for a connection ends with the signal, and with a close', async (t) => {
  const zookeeper = { connect: '127.0.0.1:1', runtime: systemRuntime };
  const session = new Session({ factory: connectZooKeeper, zookeeper, log: silentLog, role: 'a test' });
  const reason = new Error('enough');
  await t.throwsAsync(session.connected(AbortSignal.abort(reason)), { is: reason });
  const waiting = session.connected();
  await session.close();
  await t.throwsAsync(waiting, { code: 'CLOSED' });
});

/** Resolves when there is a znode, there already or to come. */
async function there(zk: ZooKeeper, path: string): Promise<Stat> {
  for (;;) {
    let wake = (): void => undefined;
    const changed = new Promise<void>((resolve) => (wake = resolve));
    const stat = await zk.exists(path, wake);
    if (stat !== null) return stat;
    await changed;
  }
}

test('a member is there until it leaves, and comes back when it is removed', async (t) => {
  const net = await network(t);
  const { session } = await openSession(net);
  const zk = await handle(net);
  const options = { session, runtime: systemRuntime, path: '/workers/w', data: 'ours' };
  const membership = new Membership({ ...options, taken: () => t.fail(), broken: (error) => t.fail(String(error)) });
  membership.start();
  t.is((await there(zk, '/workers/w')).ephemeralOwner, session.zk.sessionId);
  await zk.delete('/workers/w');
  t.is((await there(zk, '/workers/w')).ephemeralOwner, session.zk.sessionId);
  t.is((await zk.get('/workers/w')).data.toString(), 'ours');
  await membership.leave();
  t.is(await zk.exists('/workers/w'), null);
});

test('a name that another process holds is taken when it goes', async (t) => {
  const net = await network(t);
  const [first, second] = [await openSession(net), await openSession(net)];
  const zk = await handle(net);
  await first.session.zk.create('/workers/w', 'theirs', { mode: 'ephemeral' });
  const taken = new Told<bigint>();
  const membership = new Membership({
    ...{ session: second.session, runtime: systemRuntime, path: '/workers/w', data: 'ours' },
    taken: (owner) => taken.tell(owner),
    broken: (error) => t.fail(String(error)),
  });
  t.teardown(() => membership.leave());
  membership.start();
  t.is(await taken.first(), first.session.zk.sessionId);
  const gone = new Promise((resolve) => void zk.exists('/workers/w', resolve));
  await first.session.close();
  await gone;
  t.is((await there(zk, '/workers/w')).ephemeralOwner, second.session.zk.sessionId);
});

test('a children cache shows what is there, what changes, and after an interruption what it missed', async (t) => {
  const net = await network(t);
  const { session, proxy } = await openSession(net);
  const zk = await handle(net);
  await zk.create('/queues/kept', '1');
  await zk.create('/queues/going', '1');
  const told = new Told<string>();
  const cache = new ChildrenCache({
    ...{ zk: session.zk, directory: '/queues' },
    put: (name, { data }) => told.tell(`${name}=${data.toString()}`),
    gone: (name) => told.tell(`${name} gone`),
    failed: (error) => t.fail(String(error)),
  });
  await cache.start();
  t.deepEqual([...told.all].sort(), ['going=1', 'kept=1']);
  await zk.set('/queues/kept', '2');
  await told.first((text) => text === 'kept=2');
  await proxy.refuse();
  await zk.delete('/queues/going');
  await zk.create('/queues/new', '1');
  await proxy.listenAgain();
  await told.first((text) => text === 'new=1');
  await told.first((text) => text === 'going gone');
  t.is(told.all.filter((text) => text === 'kept=2').length, 1);
});
