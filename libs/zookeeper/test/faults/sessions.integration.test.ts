import { PlainSession } from '@drover/testing';
import test from 'ava';
import { Heard, failure, reaches } from '../../src/conformance/law.js';
import type { SessionState } from '../../src/index.js';
import { createSurely, faultWorld, SHORT } from './fault-world.js';

test('a fence at version 0 keeps a deposed leader out', async (t) => {
  const { zk, witness } = await faultWorld(t);
  await zk.create('/epoch');
  const act = (path: string) =>
    zk.multi([
      { op: 'check', path: '/epoch', version: 0 },
      { op: 'create', path },
    ]);
  await act('/legal');
  await witness.set('/epoch', 'next', 0);
  const error = await failure(act('/ghost'), 'BAD_VERSION');
  t.deepEqual([error.failedIndex, error.path, error.outcome], [0, '/epoch', 'not-applied']);
  t.is(await witness.exists('/ghost'), null);
});

test('expiry while requests are queued: every one of them settles, and none is done afterwards', async (t) => {
  const { zk, witness, proxy, address } = await faultWorld(t, { ...SHORT, window: { requests: 5 } });
  proxy.blackHole('both');
  const calls = Array.from({ length: 50 }, (_, i) =>
    failure(zk.create(`/n${i}`), 'CONNECTION_LOSS', 'SESSION_EXPIRED'),
  );
  await PlainSession.endOneOf(proxy.sessions, address, zk.sessionId);
  const errors = await Promise.all(calls);
  t.is(errors.filter(({ outcome }) => outcome === 'unknown').length, 5, 'those that were sent');
  proxy.blackHole('none');
  await reaches(zk, 'expired');
  t.deepEqual(await witness.children('/'), []);
});

test('what was asked while connecting fails with the session that turns out to be gone', async (t) => {
  const { zk, proxy, address, open } = await faultWorld(t);
  const resume = { sessionId: zk.sessionId, password: zk.sessionPassword };
  await PlainSession.endOneOf(proxy.sessions, address, zk.sessionId);
  await reaches(zk, 'expired');
  proxy.blackHole('both');
  const late = open({ resume });
  const calls = Array.from({ length: 20 }, (_, i) => failure(late.create(`/n${i}`), 'SESSION_EXPIRED'));
  const waiting = failure(late.connected(), 'SESSION_EXPIRED');
  proxy.blackHole('none');
  for (const { outcome } of await Promise.all(calls)) t.is(outcome, 'not-applied');
  await waiting;
  t.is(late.state, 'expired');
});

test('close during connect: it ends at once, whoever waits is told, and nothing connects afterwards', async (t) => {
  const { proxy, open } = await faultWorld(t);
  proxy.muteNewConnections(true);
  const accepted = proxy.accepts(2);
  const zk = open();
  const call = failure(zk.create('/a'), 'CLOSED');
  const waiting = failure(zk.connected(), 'CLOSED');
  await accepted;
  await zk.close();
  t.is(zk.state, 'closed');
  t.is((await call).outcome, 'not-applied');
  await waiting;
  proxy.muteNewConnections(false);
  const { accepted: connections } = proxy;
  const other = open();
  await other.connected();
  t.is(proxy.accepted, connections + 1, 'only the other one');
});

test('close while suspended ends at once too', async (t) => {
  const { zk, proxy } = await faultWorld(t);
  const suspended = reaches(zk, 'suspended');
  await proxy.refuse();
  await suspended;
  const waiting = failure(zk.connected(), 'CLOSED');
  await zk.close();
  await waiting;
  t.is(zk.state, 'closed');
  await failure(zk.get('/'), 'CLOSED');
});

test('an ephemeral left by an earlier session is told from our own by its owner', async (t) => {
  const { zk, proxy, open, address, chroot } = await faultWorld(t);
  await zk.create('/leader', 'earlier', { mode: 'ephemeral' });
  const earlier = zk.sessionId;
  proxy.blackHole('both');
  const next = open({ connect: address + chroot });
  await next.connected();
  t.not(next.sessionId, earlier);
  await failure(next.create('/leader', 'next', { mode: 'ephemeral' }), 'NODE_EXISTS');
  const { stat } = await next.get('/leader');
  t.is(stat.ephemeralOwner, earlier);
  t.not(stat.ephemeralOwner, next.sessionId);
  await PlainSession.endOneOf(proxy.sessions, address, earlier);
  await next.create('/leader', 'next', { mode: 'ephemeral' });
  t.is((await next.get('/leader')).stat.ephemeralOwner, next.sessionId);
  proxy.blackHole('none');
  await reaches(zk, 'expired');
  t.is((await next.get('/leader')).data.toString(), 'next', 'the end of the earlier session takes nothing of ours');
});

test('a session closed by another holder of its id and password: expired, and never a new one by itself', async (t) => {
  const { zk, witness, address, proxy } = await faultWorld(t);
  await zk.create('/e', '', { mode: 'ephemeral' });
  const states = new Heard<SessionState>();
  zk.onState(states.add);
  const { sessionId, sessionTimeoutMs: timeoutMs, sessionPassword: password } = zk;
  await PlainSession.end(address, { sessionId, password, timeoutMs });
  await states.some((state) => state === 'expired');
  t.is(await witness.exists('/e'), null);
  t.is((await failure(zk.create('/e'), 'SESSION_EXPIRED')).outcome, 'not-applied');
  t.true(proxy.sessions.every((session) => session.sessionId === sessionId));
  t.is(states.all.at(-1), 'expired');
});

test('another handle can go on with a session, ephemerals and all', async (t) => {
  const { zk, open, witness, proxy, address, chroot } = await faultWorld(t);
  await zk.create('/e', '', { mode: 'ephemeral' });
  // Two that live would take the session from each other for ever: the server keeps one connection of a session.
  proxy.blackHole('both');
  const resume = { sessionId: zk.sessionId, password: zk.sessionPassword };
  const heir = open({ resume, connect: address + chroot });
  await heir.connected();
  t.is(heir.sessionId, zk.sessionId);
  t.deepEqual(await heir.ephemerals(), ['/e']);
  await heir.close();
  t.is(await witness.exists('/e'), null, 'when close resolves they are gone');
  proxy.blackHole('none');
  await reaches(zk, 'expired');
});

test('many cuts in a row: the session lives, no acknowledged write is lost, none is done twice', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t);
  const { sessionId } = zk;
  await zk.create('/log');
  let cuts = 0;
  for (let i = 0; i < 60; i++) {
    if (i % 6 === 3)
      void proxy.once(
        ({ direction, op }) => direction === 'reply' && op.startsWith('create'),
        () => (cuts++, 'cut-within'),
      );
    await createSurely(zk, `/log/${i}`);
  }
  t.is(cuts, 10);
  t.is(zk.sessionId, sessionId);
  t.is((await witness.children('/log')).length, 60);
});
