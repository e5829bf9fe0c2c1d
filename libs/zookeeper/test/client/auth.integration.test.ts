import test from 'ava';
import { testZooKeeper, testZooKeeperBehindProxy } from '@drover/testing';
import { open, becomes } from './connecting.js';

const onlyMe = [{ permissions: 31, scheme: 'auth', id: '' }];

test('credentials given at first come before any request', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect, { auth: [{ scheme: 'digest', credentials: 'me:secret' }] });
  await zk.create('/mine', 'x', { acl: onlyMe });
  const stranger = open(t, connect);
  t.like(await t.throwsAsync(stranger.get('/mine')), { code: 'NO_AUTH', outcome: 'not-applied', path: '/mine' });
  await stranger.authenticate('digest', Buffer.from('me:secret'));
  t.is((await stranger.get('/mine')).data.toString(), 'x');
  const { acl } = await zk.acl('/mine');
  t.is(acl[0]?.scheme, 'digest');
  t.true(acl[0]?.id.startsWith('me:'));
  await zk.setAcl('/mine', [{ permissions: 31, scheme: 'world', id: 'anyone' }], 0);
  t.like(await t.throwsAsync(zk.setAcl('/mine', onlyMe, 0)), { code: 'BAD_VERSION' });
});

test('credentials are sent again on every connection', async (t) => {
  const { connect, proxy } = await testZooKeeperBehindProxy(t);
  const zk = open(t, connect);
  await zk.authenticate('digest', 'me:secret');
  await zk.create('/mine', '', { acl: onlyMe });
  const suspended = becomes(zk, 'suspended');
  proxy.cut();
  await suspended;
  await zk.connected();
  await zk.set('/mine', 'y');
  t.true((await zk.whoAmI()).some(({ scheme, id }) => scheme === 'digest' && id === 'me'));
  await zk.delete('/mine');
});

test('credentials that are refused fail their call; the session goes on without them', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect);
  await zk.connected();
  const { sessionId } = zk;
  t.like(await t.throwsAsync(zk.authenticate('no-such-scheme', 'x')), { code: 'AUTH_FAILED', op: 'authenticate' });
  await zk.connected();
  await zk.exists('/');
  t.is(zk.sessionId, sessionId);
});

test('credentials that the handle was built with, when refused, end it', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect, { auth: [{ scheme: 'no-such-scheme', credentials: 'x' }] });
  await becomes(zk, 'closed');
  t.like(await t.throwsAsync(zk.get('/')), { code: 'AUTH_FAILED', outcome: 'not-applied' });
  t.like(await t.throwsAsync(zk.connected()), { code: 'AUTH_FAILED' });
});

test('what is no credential is refused at the caller', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect);
  t.like(await t.throwsAsync(zk.authenticate('digest', 'x'.repeat(70_000))), { code: 'BAD_ARGUMENTS' });
  t.like(await t.throwsAsync(zk.authenticate('digest', 7 as unknown as string)), { code: 'BAD_ARGUMENTS' });
  t.deepEqual(await zk.children('/'), []);
});
