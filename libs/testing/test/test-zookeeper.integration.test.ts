import test from 'ava';
import { PlainSession } from '../src/zookeeper/plain-session.js';
import { sharedZooKeeper } from '../src/zookeeper/shared-server.js';
import { testServer, testZooKeeper, testZooKeeperBehindProxy, type Teardown } from '../src/zookeeper/test-zookeeper.js';

/** A test within the test, so that what is left after its teardown can be seen. */
function innerTest(): Teardown & { end: () => Promise<void> } {
  const undos: (() => void | Promise<void>)[] = [];
  return {
    teardown: (undo) => void undos.push(undo),
    end: async () => {
      for (const undo of undos.reverse()) await undo();
    },
  };
}

test('every test has an empty chroot of its own on one shared server, gone after the test', async (t) => {
  const [one, two] = [innerTest(), innerTest()];
  const [first, second] = await Promise.all([testZooKeeper(one), testZooKeeper(two)]);
  t.is(first.address, await sharedZooKeeper());
  t.is(second.address, first.address);
  t.not(first.chroot, second.chroot);
  t.is(first.connect, first.address + first.chroot);

  const session = await PlainSession.open(first.address);
  await session.createAll(`${first.chroot}/a/b`);
  await session.createAll(`${first.chroot}/a/c`);
  t.deepEqual(await session.children(`${first.chroot}/a`), ['b', 'c']);
  t.deepEqual(await session.children(second.chroot), []);
  await one.end();
  await t.throwsAsync(session.children(first.chroot), { message: /-101/ });
  t.deepEqual(await session.children(second.chroot), []);
  await two.end();
  await session.close();
});

test('a session can be taken over with the credentials that the proxy saw, and be closed for both', async (t) => {
  const { address, proxy } = await testZooKeeperBehindProxy(t);
  const first = await PlainSession.open(proxy.address);
  const [credentials] = proxy.sessions;
  if (credentials === undefined) throw new Error('the proxy saw no handshake');
  await PlainSession.end(address, credentials);
  await PlainSession.end(address, credentials);
  await t.throwsAsync(first.children('/'));
  await t.throwsAsync(PlainSession.open(address, credentials), { message: /is gone/ });
});

test('a server of its own ends with the test', async (t) => {
  const inner = innerTest();
  const server = await testServer(inner);
  const session = await PlainSession.open(server.connect);
  t.deepEqual(await session.children('/'), ['zookeeper']);
  await inner.end();
  t.is(server.pid, undefined);
  await t.throwsAsync(PlainSession.open(server.connect), { message: /ECONNREFUSED/ });
});
