import test from 'ava';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper, testZooKeeperBehindProxy } from '@drover/testing';
import { connectZooKeeper, type SessionState } from '../../src/index.js';
import { becomes, open } from './connecting.js';

test('the factory gives a handle that connects by itself', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => zk.close());
  t.is(zk.state, 'connecting');
  t.is(zk.leaseMs(), 0);
  await zk.connected();
  t.is(zk.driver, 'drover');
  t.not(zk.sessionId, 0n);
  t.true(zk.leaseMs() > 0 && zk.leaseMs() <= (zk.sessionTimeoutMs * 2) / 3);
});

test('what is asked before there is a connection is done once there is one, in order', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect);
  const [created, stat, znode] = await Promise.all([zk.create('/a', 'one'), zk.set('/a', 'two'), zk.get('/a')]);
  t.is(created.path, '/a');
  t.is(stat.version, 1);
  t.is(znode.data.toString(), 'two');
});

test('a window of one request carries them all, in order', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect, { window: { requests: 1 } });
  await zk.create('/a');
  const stats = await Promise.all(Array.from({ length: 50 }, (_, i) => zk.set('/a', String(i))));
  t.deepEqual(
    stats.map((stat) => stat.version),
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
});

test('transaction ids go on after 2^31 - 1', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect, { firstXid: 0x7fff_ffff - 5 });
  await zk.create('/a');
  const versions = await Promise.all(Array.from({ length: 20 }, async () => (await zk.set('/a', '')).version));
  t.is(versions.at(-1), 20);
});

test('a lost connection suspends the session, and the next one goes on with it', async (t) => {
  const { connect, proxy } = await testZooKeeperBehindProxy(t);
  const zk = open(t, connect);
  await zk.create('/e', '', { mode: 'ephemeral' });
  const { sessionId } = zk;
  const states: SessionState[] = [];
  zk.onState((state) => states.push(state));
  const suspended = becomes(zk, 'suspended');
  proxy.cut();
  await suspended;
  await zk.connected();
  t.deepEqual(states, ['suspended', 'connected']);
  t.is(zk.sessionId, sessionId);
  t.is((await zk.exists('/e'))?.ephemeralOwner, sessionId);
});

test('while suspended, requests are refused at once and surely not applied', async (t) => {
  const { connect, proxy } = await testZooKeeperBehindProxy(t);
  const zk = open(t, connect);
  await zk.create('/a');
  const suspended = becomes(zk, 'suspended');
  await proxy.refuse();
  await suspended;
  await t.throwsAsync(zk.set('/a', 'x'), { message: /CONNECTION_LOSS/ });
  const error = await t.throwsAsync(zk.get('/a'));
  t.like(error, { code: 'CONNECTION_LOSS', outcome: 'not-applied', op: 'get', path: '/a' });
  t.true(zk.leaseMs() > 0, 'the lease runs on');
  await proxy.listenAgain();
  await zk.connected();
  t.is((await zk.get('/a')).stat.version, 0);
});

test('a request that was sent and not answered is in doubt', async (t) => {
  const { connect, proxy } = await testZooKeeperBehindProxy(t);
  const zk = open(t, connect);
  await zk.create('/a');
  proxy.blackHole('both');
  const answer = t.throwsAsync(zk.set('/a', 'x'));
  // The write goes out in this turn; by the next ones the proxy has swallowed it.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  proxy.cut();
  t.like(await answer, { code: 'CONNECTION_LOSS', outcome: 'unknown', op: 'set', path: '/a' });
});

test('closing ends the session on the server: its ephemerals go at once', async (t) => {
  const { connect } = await testZooKeeper(t);
  const [zk, other] = [open(t, connect), open(t, connect)];
  await zk.create('/e', '', { mode: 'ephemeral' });
  const last = zk.create('/last');
  await zk.close();
  t.is(zk.state, 'closed');
  t.is((await last).path, '/last', 'what was asked before is answered');
  t.is(await other.exists('/e'), null);
  t.like(await t.throwsAsync(zk.get('/last')), { code: 'CLOSED', outcome: 'not-applied' });
  await t.throwsAsync(zk.connected(), { message: /CLOSED/ });
  await zk.close();
});

test('closing while connecting ends at once, and fails what waits', async (t) => {
  const { connect, proxy } = await testZooKeeperBehindProxy(t);
  proxy.muteNewConnections(true);
  const zk = open(t, connect);
  const waiting = t.throwsAsync(zk.get('/'));
  const connected = t.throwsAsync(zk.connected());
  await zk.close();
  t.like(await waiting, { code: 'CLOSED', outcome: 'not-applied' });
  t.like(await connected, { code: 'CLOSED' });
});

test('a session can be taken up by another handle; closed there, it has expired here', async (t) => {
  const { connect, proxy } = await testZooKeeperBehindProxy(t);
  const first = open(t, connect);
  await first.create('/e', '', { mode: 'ephemeral' });
  const watcher = new Promise((resolve) => void first.exists('/e', resolve));
  await first.sync();
  const suspended = becomes(first, 'suspended');
  await proxy.refuse();
  await suspended;
  const direct = await testZooKeeper(t);
  const second = open(t, direct.address, {
    resume: { sessionId: first.sessionId, password: first.sessionPassword },
  });
  await second.connected();
  t.is(second.sessionId, first.sessionId);
  await second.close();
  const expired = becomes(first, 'expired');
  const connected = t.throwsAsync(first.connected());
  await proxy.listenAgain();
  await expired;
  t.like(await connected, { code: 'SESSION_EXPIRED' });
  t.is(await watcher, null, 'its one-shot watches end');
  t.like(await t.throwsAsync(first.get('/')), { code: 'SESSION_EXPIRED', outcome: 'not-applied' });
  t.true(first.leaseMs() <= 0);
  await first.close();
  t.is(first.state, 'expired', 'which is final');
});

test('connected() gives up with the reason of its signal, and the handle goes on', async (t) => {
  const { connect, proxy } = await testZooKeeperBehindProxy(t);
  await proxy.refuse();
  const zk = open(t, connect);
  const reason = new Error('enough');
  const controller = new AbortController();
  const waiting = t.throwsAsync(zk.connected(controller.signal));
  controller.abort(reason);
  t.is(await waiting, reason);
  t.is(await t.throwsAsync(zk.connected(AbortSignal.abort(reason))), reason);
  await proxy.listenAgain();
  await zk.connected(new AbortController().signal);
  t.is(zk.state, 'connected');
});

test('what a state listener throws is reported and harms nobody', async (t) => {
  const { connect } = await testZooKeeper(t);
  const errors: unknown[] = [];
  const zk = open(t, connect, { onCallerError: (error) => errors.push(error) });
  const fault = new Error('of the listener');
  zk.onState(() => {
    throw fault;
  });
  const heard = becomes(zk, 'connected');
  await heard;
  await zk.exists('/');
  t.deepEqual(errors, [fault]);
});

test('several servers: one that refuses is passed by', async (t) => {
  const { connect, proxy, address, chroot } = await testZooKeeperBehindProxy(t);
  await proxy.refuse();
  const zk = open(t, `${proxy.address},${address}${chroot}`);
  t.deepEqual(await zk.children('/'), []);
  t.not(connect, address);
});

for (const options of [{ connect: 'nonsense:port' }, { connect: 'a:1', sessionTimeoutMs: 0 }]) {
  test(`${JSON.stringify(options)} is refused when the handle is built`, (t) => {
    t.throws(() => connectZooKeeper({ ...options, runtime: systemRuntime }), { message: /BAD_ARGUMENTS/ });
  });
}
