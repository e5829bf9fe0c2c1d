import { systemRuntime } from '@drover/runtime';
import { testEnsemble, type Teardown } from '@drover/testing';
import test, { type ExecutionContext } from 'ava';
import { ProtocolClient, type SessionState } from '../../src/index.js';
import { createSurely } from './fault-world.js';

async function ensembleWorld(t: Teardown) {
  const ensemble = await testEnsemble(t, { tickTimeMs: 500 });
  const zk = new ProtocolClient({ connect: ensemble.connect, sessionTimeoutMs: 10_000, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  await zk.create('/log');
  await zk.create('/e', '', { mode: 'ephemeral' });
  return { ensemble, zk };
}

/** Writes one znode after the other until told to stop; each until it is acknowledged. Returns how many. */
function keepWriting(zk: ProtocolClient): { stop: () => Promise<number> } {
  const stop = new AbortController();
  const done = (async () => {
    let written = 0;
    while (!stop.signal.aborted) await createSurely(zk, `/log/${written++}`);
    return written;
  })();
  // Seen when it is awaited.
  done.catch(() => undefined);
  return {
    stop: () => {
      stop.abort();
      return done;
    },
  };
}

async function nothingLost(t: ExecutionContext, zk: ProtocolClient, sessionId: bigint, written: number): Promise<void> {
  await zk.connected();
  await zk.sync('/');
  t.is(zk.sessionId, sessionId);
  t.is((await zk.get('/e')).stat.ephemeralOwner, sessionId);
  const names = new Set(await zk.children('/log'));
  t.is(names.size, written);
  t.true(Array.from({ length: written }, (_, i) => String(i)).every((name) => names.has(name)));
}

test("ZooKeeper's own leader killed: the session and every acknowledged write live on", async (t) => {
  const { ensemble, zk } = await ensembleWorld(t);
  const { sessionId } = zk;
  const states: SessionState[] = [];
  zk.onState((state) => states.push(state));
  const writing = keepWriting(zk);
  const leader = await ensemble.leader();
  await leader?.kill();
  // A write that begins after the kill can only be acknowledged under the next leader.
  await createSurely(zk, '/after');
  const written = await writing.stop();
  await nothingLost(t, zk, sessionId, written);
  t.false(states.includes('expired'));
});

test('a rolling restart of all servers: the session and every acknowledged write live on', async (t) => {
  const { ensemble, zk } = await ensembleWorld(t);
  const { sessionId } = zk;
  const states: SessionState[] = [];
  zk.onState((state) => states.push(state));
  const writing = keepWriting(zk);
  for (const server of ensemble.servers) await server.restart();
  const written = await writing.stop();
  await nothingLost(t, zk, sessionId, written);
  t.true(states.includes('suspended'), 'it was connected to one of them');
  t.false(states.includes('expired'));
});
