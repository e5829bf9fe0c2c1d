import { systemRuntime } from '@drover/runtime';
import { testProxy } from '@drover/testing';
import test from 'ava';
import { failure, Heard, reaches } from '../../src/conformance/law.js';
import type { SessionState } from '../../src/index.js';
import { SHORT, faultWorld, goneAt } from './fault-world.js';

for (const direction of ['both', 'to-server'] as const) {
  test(`black hole (${direction}): suspended before the server gives the session away, then expired`, async (t) => {
    const { proxy, zk, witness } = await faultWorld(t, SHORT);
    await zk.create('/leader', '', { mode: 'ephemeral' });
    await zk.create('/value', 'true');
    const seen: string[] = [];
    zk.onState((state) => seen.push(state));
    const gone = goneAt(witness, '/leader').then(() => seen.push('gone'));

    proxy.blackHole(direction);
    const inFlight = failure(zk.set('/value', 'ghost'), 'CONNECTION_LOSS');
    await reaches(zk, 'suspended');
    t.true(zk.leaseMs() <= 0, 'who is suspended by silence has no lease');
    t.is((await inFlight).outcome, 'unknown');
    t.is((await failure(zk.set('/value', 'ghost'), 'CONNECTION_LOSS')).outcome, 'not-applied');
    await gone;

    proxy.blackHole('none');
    await reaches(zk, 'expired');
    t.deepEqual(seen, ['suspended', 'gone', 'expired']);
    t.is((await witness.get('/value')).data.toString(), 'true');
  });
}

test('black hole (to-client): a write may have been done, and the same session goes on', async (t) => {
  // Between the end of the lease and that of the session there must be time to come back.
  const { proxy, zk, witness } = await faultWorld(t, { sessionTimeoutMs: 2 * SHORT.sessionTimeoutMs });
  await zk.create('/e', '', { mode: 'ephemeral' });
  const { sessionId } = zk;
  proxy.blackHole('to-client');
  const written = failure(zk.create('/written'), 'CONNECTION_LOSS');
  await reaches(zk, 'suspended');
  t.is((await written).outcome, 'unknown');
  t.not(await witness.exists('/written'), null, 'it reached the server');

  proxy.blackHole('none');
  await zk.connected();
  t.is(zk.sessionId, sessionId);
  t.is((await zk.get('/e')).stat.ephemeralOwner, sessionId);
});

test('a server that accepts and is mute is given up on, again and again, until it speaks', async (t) => {
  const { proxy, open } = await faultWorld(t);
  proxy.muteNewConnections(true);
  const before = proxy.accepted;
  const zk = open(SHORT);
  await proxy.accepts(before + 3);
  t.is(zk.state, 'connecting');
  proxy.muteNewConnections(false);
  await zk.connected();
  t.is(zk.state, 'connected');
});

test('a mute server among others does not keep anybody from a session, nor from keeping it', async (t) => {
  const { address, chroot, proxy, open } = await faultWorld(t);
  const mute = await testProxy(t, address);
  mute.muteNewConnections(true);
  const connect = `${mute.address},${proxy.address}${chroot}`;
  const handles = Array.from({ length: 8 }, () => open({ connect, sessionTimeoutMs: 4_000 }));
  await Promise.all(handles.map((handle) => handle.connected()));
  const ids = handles.map(({ sessionId }) => sessionId);
  const suspended = handles.map((handle) => reaches(handle, 'suspended'));
  proxy.cut();
  await Promise.all(suspended);
  await Promise.all(handles.map((handle) => handle.connected()));
  t.deepEqual(
    handles.map(({ sessionId }) => sessionId),
    ids,
  );
});

test('receive-only traffic for three session timeouts: pings go on, the session lives', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t, { sessionTimeoutMs: 2 * SHORT.sessionTimeoutMs });
  const events = new Heard<string>();
  await zk.create('/e', '', { mode: 'ephemeral' });
  await zk.create('/busy');
  await zk.watch('/busy', 'recursive', { event: ({ path }) => events.add(path), reset: () => undefined });
  // Events may be lost then, and are not to be waited for.
  const suspended = reaches(zk, 'suspended').then(() => {
    throw new Error(`suspended: ${zk.lastFailure?.message}`);
  });
  const endMs = performance.now() + 3 * zk.sessionTimeoutMs;
  let written = 0;
  while (performance.now() < endMs) {
    await witness.set('/busy', String(++written));
    await Promise.race([events.count(written), suspended]);
    t.true(zk.leaseMs() > 0);
  }
  t.is((await witness.get('/e')).stat.ephemeralOwner, zk.sessionId);
  t.true(proxy.count(({ direction, op }) => direction === 'request' && op === 'ping') >= 3);
});

test('an idle handle keeps its session, at no more than eight pings a session timeout', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t, SHORT);
  await zk.create('/e', '', { mode: 'ephemeral' });
  const pings = new Heard<null>();
  proxy.observe(({ direction, op }) => {
    if (direction === 'reply' && op === 'ping') pings.add(null);
  });
  const beginMs = performance.now();
  await pings.count(8);
  t.true(performance.now() - beginMs > zk.sessionTimeoutMs, 'a ping costs the server: not more than needed');
  t.is((await witness.get('/e')).stat.ephemeralOwner, zk.sessionId);
});

test('a wall clock that jumps changes nothing', async (t) => {
  let offsetMs = 0;
  const { zk } = await faultWorld(t, { runtime: { ...systemRuntime, now: () => Date.now() + offsetMs } });
  const states: SessionState[] = [];
  zk.onState((state) => states.push(state));
  for (offsetMs of [3_600_000, -3_600_000]) {
    await zk.exists('/');
    t.true(zk.leaseMs() > 0 && zk.leaseMs() <= zk.sessionTimeoutMs);
  }
  t.deepEqual(states, []);
});
