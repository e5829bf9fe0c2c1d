import { seededRandom, systemRuntime } from '@drover/runtime';
import { withError, type ProxyFrame } from '@drover/testing';
import test from 'ava';
import { failure } from '../../src/conformance/law.js';
import { faultWorld } from './fault-world.js';

const replyTo =
  (...ops: string[]) =>
  (frame: ProxyFrame): boolean =>
    frame.direction === 'reply' && ops.includes(frame.op);

test('a reset in the middle of a frame: that call fails, nothing of the half frame remains', async (t) => {
  const { zk, proxy } = await faultWorld(t);
  const { sessionId } = zk;
  await zk.create('/a', Buffer.alloc(50_000, 'a'));
  await zk.create('/b', 'b');
  for (let round = 0; round < 3; round++) {
    void proxy.once(replyTo('get'), () => 'cut-within');
    const [a, b] = await Promise.all([
      failure(zk.get('/a'), 'CONNECTION_LOSS'),
      failure(zk.get('/b'), 'CONNECTION_LOSS'),
    ]);
    t.deepEqual([a.outcome, b.outcome], ['unknown', 'unknown']);
    await zk.connected();
    t.is((await zk.get('/b')).data.toString(), 'b');
    t.is((await zk.get('/a')).data.length, 50_000);
  }
  t.is(zk.sessionId, sessionId);
});

const random = seededRandom(8);
const PIECES: Readonly<Record<string, () => number>> = {
  '1 byte': () => 1,
  '3 bytes': () => 3,
  '1 byte to 8 KiB': () => 1 + Math.floor(random() * 8192),
};
for (const [name, size] of Object.entries(PIECES)) {
  test(`replies in pieces of ${name} are the same replies`, async (t) => {
    const { zk, proxy } = await faultWorld(t);
    const sizes = [0, 1, 4, 100, 1_000, 3_000];
    await Promise.all(sizes.map((bytes) => zk.create(`/n${bytes}`, Buffer.alloc(bytes, 'x'))));
    proxy.replyInPieces(size);
    for (let round = 0; round < 3; round++) {
      const znodes = await Promise.all(sizes.map((bytes) => zk.get(`/n${bytes}`)));
      t.deepEqual(
        znodes.map(({ data }) => data.toString()),
        sizes.map((bytes) => 'x'.repeat(bytes)),
      );
      t.is((await zk.children('/')).length, sizes.length);
      await failure(zk.get('/absent'), 'NO_NODE');
    }
    t.is(proxy.accepted, 1);
  });
}

test('error codes that are new or rare are errors of that call, and the stream goes on', async (t) => {
  const { zk, proxy } = await faultWorld(t);
  const codes = { [-9_999]: 'UNKNOWN', [-125]: 'QUOTA_EXCEEDED', [-127]: 'THROTTLED', [17]: 'UNKNOWN' } as const;
  for (const [number, code] of Object.entries(codes)) {
    void proxy.once(replyTo('get'), (frame) => withError(frame, Number(number)));
    const [error] = await Promise.all([failure(zk.get('/'), code), zk.exists('/'), zk.children('/')]);
    t.deepEqual([error.serverCode, error.op, error.path], [Number(number), 'get', '/']);
    await zk.get('/');
  }
  t.is(proxy.accepted, 1);
});

test('an unknown error code on a write, and a multi, leave the handle working', async (t) => {
  const { zk, proxy } = await faultWorld(t);
  void proxy.once(replyTo('multi'), (frame) => withError(frame, -4_321));
  const error = await failure(zk.multi([{ op: 'create', path: '/a' }]), 'UNKNOWN');
  t.is(error.serverCode, -4_321);
  await zk.multi([{ op: 'create', path: '/b' }]);
  t.is(zk.state, 'connected');
});

test('xids wrap from 2^31 - 1 to 1 and never meet the special ones', async (t) => {
  const { zk, proxy } = await faultWorld(t, { firstXid: 2 ** 31 - 4 });
  const paths = Array.from({ length: 10 }, (_, i) => `/n${i}`);
  await Promise.all(paths.map((path) => zk.create(path, path)));
  const znodes = await Promise.all(paths.map((path) => zk.get(path)));
  t.deepEqual(
    znodes.map(({ data }) => data.toString()),
    paths,
  );
  const xids = proxy.seen
    .filter(({ direction, op }) => direction === 'request' && /create|get/.test(op))
    .map(({ xid }) => xid);
  t.deepEqual(xids.slice(0, 6), [2 ** 31 - 4, 2 ** 31 - 3, 2 ** 31 - 2, 2 ** 31 - 1, 1, 2]);
  t.true(xids.every((xid) => xid > 0));
  t.is(proxy.accepted, 1);
});

test('a multi of 1.2 MB is refused at the caller, and takes nothing along', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t);
  const data = Buffer.alloc(400_000, 'x');
  const [before, error, after] = await Promise.all([
    zk.create('/before'),
    failure(zk.multi(['/a', '/b', '/c'].map((path) => ({ op: 'create', path, data }))), 'REQUEST_TOO_LARGE'),
    zk.create('/after'),
  ]);
  t.is(error.outcome, 'not-applied');
  t.regex(error.message, /1,?0?48,?575/);
  t.deepEqual([before.path, after.path], ['/before', '/after']);
  t.deepEqual((await witness.children('/')).sort(), ['after', 'before']);
  t.is(proxy.accepted, 1);
  t.is(
    proxy.count(({ op }) => op === 'multi'),
    0,
  );
});

test('a reply of 3 MB arrives whole, also in pieces, and the session lives through it', async (t) => {
  const { zk, proxy } = await faultWorld(t);
  const letters = ['a', 'b', 'c'];
  await Promise.all(letters.map((letter) => zk.create(`/${letter}`, Buffer.alloc(1_040_000, letter))));
  for (const pieces of [null, (): number => 8_192]) {
    proxy.replyInPieces(pieces);
    const results = await zk.multiRead(letters.map((letter) => ({ op: 'get', path: `/${letter}` })));
    for (const [i, letter] of letters.entries()) {
      const result = results[i];
      t.true(result?.op === 'get' && result.znode.data.equals(Buffer.alloc(1_040_000, letter)));
    }
  }
  t.is(proxy.accepted, 1);
});

test('a slow network delays answers and breaks nothing', async (t) => {
  const { zk, proxy } = await faultWorld(t, { runtime: systemRuntime });
  proxy.delay(60);
  const made = await Promise.all(Array.from({ length: 100 }, (_, i) => zk.create(`/n${i}`)));
  t.is(new Set(made.map(({ path }) => path)).size, 100);
  t.is(proxy.accepted, 1);
});
