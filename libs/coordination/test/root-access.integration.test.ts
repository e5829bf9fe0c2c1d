import test from 'ava';
import { RecordError } from '@drover/core';
import { silentLog, type Log } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { testServer, testZooKeeper, Told, type Teardown } from '@drover/testing';
import { connectZooKeeper, type ZooKeeper, type ZooKeeperOptions } from '@drover/zookeeper';
import { Session, type Opening, type SessionView } from '../src/index.js';

const OURS = [{ scheme: 'digest', credentials: 'drover:secret' }];
const OTHERS = [{ scheme: 'digest', credentials: 'mallory:guess' }];

type Auth = NonNullable<ZooKeeperOptions['auth']>;

async function freshRoot(t: Teardown): Promise<string> {
  return `${(await testZooKeeper(t)).connect}/root`;
}

function open(t: Teardown, connect: string, auth: Auth = [], more: { layout?: 'look'; log?: Log } = {}) {
  const openings: Opening[] = [];
  const zookeeper = { connect, auth, runtime: systemRuntime, sessionTimeoutMs: 10_000 };
  const session = new Session({
    ...{ factory: connectZooKeeper, zookeeper, log: silentLog, role: 'a test' },
    opening: (opening) => openings.push(opening),
    ...more,
  });
  t.teardown(() => session.close());
  return { session, openings };
}

async function handle(t: Teardown, connect: string, auth: Auth = []): Promise<ZooKeeper> {
  const zk = connectZooKeeper({ connect, auth, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  return zk;
}

/** Undone by hand: the tests' own handles have no credentials. */
async function ownedRoot(t: Teardown, connect: string): Promise<string> {
  t.teardown(async () => {
    const zk = connectZooKeeper({ connect, auth: OURS, runtime: systemRuntime });
    await zk.connected();
    for (const path of await zk.children('/')) await deleteAll(zk, `/${path}`);
    await zk.setAcl('/', [{ permissions: 31, scheme: 'world', id: 'anyone' }]);
    await zk.close();
  });
  return connect;
}

async function deleteAll(zk: ZooKeeper, path: string): Promise<void> {
  for (const name of await zk.children(path)) await deleteAll(zk, `${path}/${name}`);
  await zk.delete(path);
}

test('a root that is made with credentials belongs to them: whatever is created in it, by whichever way', async (t) => {
  const connect = await ownedRoot(t, await freshRoot(t));
  const { session } = open(t, connect, OURS);
  await session.connected();
  const { zk } = session;
  await zk.create('/tasks/00/batch');
  await zk.create('/workers/w', '', { mode: 'ephemeral' });
  await zk.multi([
    { op: 'create', path: '/tasks/00/batch/result' },
    { op: 'create', path: '/leader', mode: 'ephemeral' },
  ]);
  const stranger = await handle(t, connect);
  const other = await handle(t, connect, OTHERS);
  for (const path of [
    '/',
    '/tasks',
    '/keys/3f',
    '/tasks/00/batch',
    '/workers/w',
    '/tasks/00/batch/result',
    '/leader',
  ]) {
    for (const who of [stranger, other]) {
      await t.throwsAsync(who.get(path), { code: 'NO_AUTH' }, path);
      await t.throwsAsync(who.set(path, 'x'), { code: 'NO_AUTH' }, path);
      await t.throwsAsync(who.children(path), { code: 'NO_AUTH' }, path);
    }
  }
  await t.throwsAsync(stranger.create('/tasks/00/theirs'), { code: 'NO_AUTH' });
  await t.throwsAsync(stranger.delete('/leader'), { code: 'NO_AUTH' });
  const friend = await handle(t, connect, OURS);
  t.deepEqual(JSON.parse((await friend.get('/')).data.toString()), { v: 1, acl: 'shared' });
});

test('who has none of its credentials is refused by name, whether it makes things or only looks', async (t) => {
  const connect = await ownedRoot(t, await freshRoot(t));
  await open(t, connect, OURS).session.connected();
  for (const layout of [{}, { layout: 'look' as const }])
    for (const auth of [[], OTHERS]) {
      const events: { name: string; fields: Record<string, unknown> }[] = [];
      const log: Log = { ...silentLog, event: (name, fields) => void events.push({ name, fields }) };
      const { session } = open(t, connect, auth, { ...layout, log });
      await t.throwsAsync(session.connected(), { code: 'NO_AUTH', message: /is protected by credentials/ });
      t.false(session.health.ready);
      const { sessionId, reason, ...rest } = events.find(({ name }) => name === 'session.refused')?.fields ?? {};
      t.regex(String(sessionId), /^0x[0-9a-f]+$/);
      t.regex(String(reason), /is protected by credentials/);
      t.deepEqual(rest, {});
    }
});

test('a root keeps its mode, whoever comes; who has credentials and meets an open one is told', async (t) => {
  const connect = await freshRoot(t);
  const first = open(t, connect);
  await first.session.connected();
  t.deepEqual(
    first.openings.map(({ code }) => code),
    ['root-open'],
  );
  const second = open(t, connect, OURS);
  await second.session.connected();
  t.deepEqual(
    second.openings.map(({ code }) => code),
    ['root-open-despite-credentials', 'credentials-in-clear'],
  );
  await second.session.zk.create('/queues/q');
  const stranger = await handle(t, connect);
  t.is((await stranger.get('/queues/q')).data.length, 0);
  t.deepEqual(JSON.parse((await stranger.get('/')).data.toString()), { v: 1, acl: 'open' });
});

test('an empty root that somebody made by hand belongs to whoever uses it first', async (t) => {
  const connect = await ownedRoot(t, (await testZooKeeper(t)).connect);
  await Promise.all([open(t, connect, OURS).session.connected(), open(t, connect, OURS).session.connected()]);
  const stranger = await handle(t, connect);
  await t.throwsAsync(stranger.get('/'), { code: 'NO_AUTH' });
  await t.throwsAsync(stranger.create('/more'), { code: 'NO_AUTH' });
});

test('a root of an earlier version, without a record, is open', async (t) => {
  const { connect } = await testZooKeeper(t);
  const old = await handle(t, connect);
  await old.create('/tasks');
  const { session, openings } = open(t, connect, OURS);
  await session.connected();
  t.is(openings[0]?.code, 'root-open-despite-credentials');
  await session.zk.create('/queues/q');
  t.not(await old.get('/queues/q'), null);
  t.is((await old.get('/')).data.length, 0);
});

test('a session that only looks makes nothing until it is asked to', async (t) => {
  const connect = await freshRoot(t);
  const { session } = open(t, connect, [], { layout: 'look' });
  await session.connected();
  t.false(session.hasLayout);
  const outside = await handle(t, connect.slice(0, connect.lastIndexOf('/')));
  t.deepEqual(await outside.children('/'), []);
  await session.makeLayout();
  t.true(session.hasLayout);
  await session.zk.create('/tasks/00/batch');
});

test('credentials that are refused close the session with the reason, and a suspension says why', async (t) => {
  const connect = await freshRoot(t);
  const told = new Told<SessionView>();
  const { session } = open(t, connect, [{ scheme: 'no-such-scheme', credentials: 'x' }]);
  session.onState((view) => told.tell(view));
  await t.throwsAsync(session.connected(), { code: 'AUTH_FAILED' });
  const { failure } = await told.first(({ state }) => state === 'closed');
  t.regex(failure?.message ?? '', /AUTH_FAILED/);
  await t.throwsAsync(session.connected(), { code: 'AUTH_FAILED' });
});

for (const record of ['{"v":2,"acl":"open","needs":["one-day"]}', '{"v":9}'])
  test(`a root of a later version is used by nobody, and nothing is written there: ${record}`, async (t) => {
    const connect = await freshRoot(t);
    const outside = await handle(t, connect.slice(0, connect.lastIndexOf('/')));
    await outside.create('/root', record);
    for (const more of [{}, { layout: 'look' as const }]) {
      const { session } = open(t, connect, [], more);
      // Patience helps nobody here.
      const why = { instanceOf: RecordError, message: /^\/: (needs 'one-day', which|version 9, ).*upgrade it$/ };
      await t.throwsAsync(session.connected(undefined, { patient: true }), why);
      t.is(session.state, 'closed');
    }
    t.deepEqual(await outside.children('/root'), []);
    t.is((await outside.get('/root')).data.toString(), record);
  });

test('ZooKeeper that lost its data: a new session rebuilds the root and the layout', async (t) => {
  const { rm } = await import('node:fs/promises');
  const server = await testServer(t);
  const events: { name: string; fields: object }[] = [];
  const log: Log = { ...silentLog, event: (name, fields) => void events.push({ name, fields }) };
  const { session } = open(t, `${server.connect}/drover`, OURS, { log });
  const told = new Told<SessionView>();
  session.onState((view) => told.tell(view));
  await session.connected();
  await session.zk.create('/leader', '', { mode: 'ephemeral' });
  await server.kill();
  await rm(`${server.dataDir}/data`, { recursive: true });
  await server.restart();
  await told.first(({ state, incarnation }) => state === 'connected' && incarnation === 2);
  t.not(await session.zk.exists('/tasks/3f'), null);
  t.is(await session.zk.exists('/leader'), null);
  const suspended = events.find(({ name }) => name === 'session.suspended')?.fields as { reason?: string };
  t.regex(suspended.reason ?? '', /connection|ECONN/);
  const expired = events.find(({ name }) => name === 'session.expired')?.fields as { reason?: string };
  t.regex(expired.reason ?? '', /fewer transactions/);
});
