import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRuntime } from '@drover/runtime';
import { testEnsemble, testProxy, testServer, type Teardown } from '@drover/testing';
import test from 'ava';
import { failure, reaches } from '../../src/conformance/law.js';
import { ProtocolClient } from '../../src/index.js';

async function connected(t: Teardown, connect: string): Promise<ProtocolClient> {
  const zk = new ProtocolClient({ connect, sessionTimeoutMs: 3_000, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  return zk;
}

test('a server that comes back without its data has lost the session: it is expired, and a new one begins', async (t) => {
  const server = await testServer(t);
  const zk = await connected(t, server.connect);
  for (let i = 0; i < 5; i++) await zk.create(`/n${i}`);
  await server.kill();
  await rm(join(server.dataDir, 'data'), { recursive: true });
  await server.restart();
  await reaches(zk, 'expired');
  const { message } = await failure(zk.get('/n1'), 'SESSION_EXPIRED');
  t.regex(message, /fewer transactions/);
  const next = await connected(t, server.connect);
  t.deepEqual(await next.children('/'), ['zookeeper']);
});

test('data that was restored from a backup knows the session, but not what it has seen: it is expired too', async (t) => {
  const server = await testServer(t);
  const zk = await connected(t, server.connect);
  await zk.create('/before');
  const data = join(server.dataDir, 'data');
  await server.stop();
  await cp(data, `${data}-backup`, { recursive: true });
  await server.restart();
  await zk.connected();
  await zk.create('/after');
  await server.kill();
  await rm(data, { recursive: true });
  await cp(`${data}-backup`, data, { recursive: true });
  await server.restart();
  await reaches(zk, 'expired');
  const next = await connected(t, server.connect);
  t.is(await next.exists('/after'), null);
});

test('servers without a quorum close every connection too, and that costs no session', async (t) => {
  const ensemble = await testEnsemble(t);
  const [survivor, ...others] = ensemble.servers;
  const proxy = await testProxy(t, survivor?.connect ?? '');
  const zk = await connected(t, [proxy.address, ...others.map(({ connect }) => connect)].join());
  const { sessionId } = zk;
  await zk.create('/mine', '', { mode: 'ephemeral' });
  const suspended = reaches(zk, 'suspended');
  await Promise.all(others.map((server) => server.kill()));
  await suspended;
  await proxy.accepts(12);
  t.is(zk.state, 'suspended');
  await Promise.all(others.map((server) => server.launch()));
  await zk.connected();
  t.is(zk.sessionId, sessionId);
  t.is((await zk.exists('/mine'))?.ephemeralOwner, sessionId);
});
