import { systemRuntime } from '@drover/runtime';
import { testServer, type Teardown } from '@drover/testing';
import test from 'ava';
import { failure, reaches } from '../../src/conformance/law.js';
import { isZooKeeperError, ProtocolClient, type ZooKeeperError } from '../../src/index.js';

const BOUND = 60_000;
const SESSION_MS = 30_000;
/** A server with short ticks grants 4 s where it is not told otherwise. */
const SERVER = {
  javaArguments: [`-Djute.maxbuffer=${BOUND}`],
  settings: { maxSessionTimeout: String(SESSION_MS) },
};

async function connected(t: Teardown, connect: string): Promise<ProtocolClient> {
  // A server that starts on a busy machine takes its time, and the session must live through that.
  const zk = new ProtocolClient({ connect, sessionTimeoutMs: SESSION_MS, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  return zk;
}

/** Tries again after every lost connection; what ends it, and how many connections that took. */
async function createAtLast(zk: ProtocolClient, path: string, bytes: number) {
  for (let tries = 1; ; tries++) {
    await zk.connected();
    try {
      await zk.create(path, Buffer.alloc(bytes));
      return { tries, error: null };
    } catch (error) {
      if (!isZooKeeperError(error, 'CONNECTION_LOSS')) return { tries, error: error as ZooKeeperError };
    }
  }
}

test('a request above the jute.maxbuffer of a server is an error with a name, and smaller ones go on', async (t) => {
  const server = await testServer(t, SERVER);
  const zk = await connected(t, server.connect);
  const { sessionId } = zk;
  const { tries, error } = await createAtLast(zk, '/large', 2 * BOUND);
  t.like(error, { code: 'REQUEST_TOO_LARGE', op: 'create', path: '/large', outcome: 'unknown' });
  t.true((error?.requestBytes ?? 0) > 2 * BOUND);
  t.regex(error?.message ?? '', /jute\.maxbuffer/);
  t.true(tries <= 3);
  await zk.connected();
  await zk.create('/small', Buffer.alloc(BOUND / 2));
  const refused = await failure(zk.create('/larger', Buffer.alloc(3 * BOUND)), 'REQUEST_TOO_LARGE');
  t.is(refused.outcome, 'not-applied');
  t.is(zk.sessionId, sessionId);
  t.deepEqual((await zk.children('/')).sort(), ['small', 'zookeeper']);
});

test('among many requests only the one that is too large fails', async (t) => {
  const server = await testServer(t, SERVER);
  const zk = await connected(t, server.connect);
  const sizes = [10_000, 2 * BOUND, 40_000, 30_000, 3 * BOUND, 50_000];
  const ends = await Promise.all(sizes.map((bytes, i) => createAtLast(zk, `/${i}`, bytes)));
  t.deepEqual(
    ends.map(({ error }) => (error === null || error.code === 'NODE_EXISTS' ? 'there' : error.code)),
    ['there', 'REQUEST_TOO_LARGE', 'there', 'there', 'REQUEST_TOO_LARGE', 'there'],
  );
});

test('after a restart of the server a request is tried again, and judged by one connection', async (t) => {
  const server = await testServer(t, SERVER);
  const zk = await connected(t, server.connect);
  t.is((await createAtLast(zk, '/large', 2 * BOUND)).error?.code, 'REQUEST_TOO_LARGE');
  // The verdict cost a connection. A handle that is still suspended from that cannot be seen to lose another one.
  await zk.connected();
  const lost = reaches(zk, 'suspended');
  await server.stop();
  await lost;
  await server.restart();
  await zk.connected();
  const again = await createAtLast(zk, '/large', 2 * BOUND);
  t.like(again.error, { code: 'REQUEST_TOO_LARGE', outcome: 'unknown' });
  t.is(again.tries, 1);
});
