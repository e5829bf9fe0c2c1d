import assert from 'node:assert/strict';
import type { Acl, CreateOptions, Data, Operation, Watcher, ZooKeeper } from '../port.js';
import { failure, type Law } from './law.js';

/** Arguments that JavaScript can pass although TypeScript would not allow them. */
const wrong = <T>(value: unknown): T => value as T;

const ACL_ENTRY = { permissions: 31, scheme: 'world', id: 'anyone' };
const WRONG_ACLS: readonly unknown[] = [
  null,
  'world',
  {},
  [null],
  [{ ...ACL_ENTRY, permissions: 'x' }],
  [{ ...ACL_ENTRY, permissions: NaN }],
  [{ ...ACL_ENTRY, permissions: 32 }],
  [{ ...ACL_ENTRY, permissions: -1 }],
  [{ ...ACL_ENTRY, scheme: '' }],
  [{ permissions: 31, scheme: 'world' }],
];
const WRONG_PATHS: readonly unknown[] = [undefined, null, 7, {}, ['/a'], '', 'a'];
const WRONG_DATA: readonly unknown[] = [null, 7, {}, ['x'], true, 7n];
const WRONG_VERSIONS: readonly unknown[] = [-1, NaN, 0.5, '0', null, 2 ** 31, Infinity, 'any', 0n];
const WRONG_OPTIONS: readonly unknown[] = [
  null,
  'ephemeral',
  [],
  { mode: 'EPHEMERAL' },
  { mode: 1 },
  { mode: null },
  { mode: 'toString' },
  { ephemeral: true },
  { ttlMs: 5 },
  { mode: 'persistent-ttl' },
  { mode: 'persistent-ttl', ttlMs: NaN },
  ...WRONG_ACLS.map((acl) => ({ acl })),
];
const WRONG_OPERATIONS: readonly unknown[] = [
  undefined,
  null,
  'create',
  [],
  {},
  { op: 'creat', path: '/x' },
  { op: 'toString', path: '/x' },
  { op: 'get', path: '/x' },
  { op: 'create' },
  { op: 'create', path: '/x', data: 7 },
  { op: 'create', path: '/x', version: 1 },
  { op: 'create', path: '/x', mode: 'EPHEMERAL' },
  { op: 'create', path: '/x', acl: null },
  { op: 'set', path: '/here' },
  { op: 'set', path: '/here', data: null },
  { op: 'set', path: '/here', data: '', version: -1 },
  { op: 'delete', path: '/here', version: '0' },
  { op: 'delete', path: '/' },
  { op: 'check', path: '/here' },
  { op: 'check', path: '/here', version: NaN },
];

async function refusesAll(given: readonly unknown[], call: (value: unknown) => Promise<unknown>): Promise<void> {
  for (const value of given) {
    let promise: Promise<unknown>;
    try {
      promise = call(value);
    } catch (error) {
      throw new assert.AssertionError({ message: `thrown outside the promise for ${String(value)}: ${String(error)}` });
    }
    const { outcome } = await failure(promise, 'BAD_ARGUMENTS');
    assert.equal(outcome, 'not-applied');
  }
}

async function isUnharmed(zk: ZooKeeper): Promise<void> {
  assert.deepEqual(await zk.children('/'), ['here']);
  assert.equal((await zk.get('/here')).stat.version, 0);
  assert.equal(zk.state, 'connected');
}

/** An argument from JavaScript is either valid or rejected with `BAD_ARGUMENTS`; nothing else is affected. */
export const argumentLaws: Law[] = [
  {
    name: 'paths, data and versions that are none are refused',
    async holds(_world, zk) {
      await zk.create('/here');
      await refusesAll(WRONG_PATHS, (path) => zk.create(wrong<string>(path)));
      await refusesAll(WRONG_PATHS, (path) => zk.delete(wrong<string>(path)));
      await refusesAll(WRONG_PATHS, (path) => zk.set(wrong<string>(path), ''));
      await refusesAll(WRONG_PATHS, (path) => zk.get(wrong<string>(path)));
      await refusesAll(WRONG_PATHS, (path) => zk.exists(wrong<string>(path)));
      await refusesAll(WRONG_PATHS, (path) => zk.children(wrong<string>(path)));
      await refusesAll(WRONG_DATA, (data) => zk.create('/x', wrong<Data>(data)));
      await refusesAll([undefined, ...WRONG_DATA], (data) => zk.set('/here', wrong<Data>(data)));
      await refusesAll(WRONG_VERSIONS, (version) => zk.set('/here', 'x', wrong<number>(version)));
      await refusesAll(WRONG_VERSIONS, (version) => zk.delete('/here', wrong<number>(version)));
      await isUnharmed(zk);
    },
  },
  {
    name: 'options of a create that do not exist, or are none, are refused: nothing is created otherwise than asked for',
    async holds(_world, zk) {
      await zk.create('/here');
      await refusesAll(WRONG_OPTIONS, (options) => zk.create('/x', '', wrong<CreateOptions>(options)));
      await isUnharmed(zk);
    },
  },
  {
    name: 'a handle does not delete its own root',
    async holds(world, zk) {
      await zk.create('/here');
      const inside = await world.open({ at: '/here' });
      await failure(inside.delete('/'), 'BAD_ARGUMENTS');
      await failure(zk.delete('/'), 'BAD_ARGUMENTS');
      await isUnharmed(zk);
    },
  },
  {
    name: 'watchers that are no functions are refused',
    async holds(_world, zk) {
      await zk.create('/here');
      for (const watcher of [true, {}, 'x', null] as never[]) {
        await refusesAll([watcher], () => zk.get('/here', watcher));
        await refusesAll([watcher], () => zk.exists('/here', watcher));
        await refusesAll([watcher], () => zk.children('/', watcher));
      }
      assert.throws(() => zk.onState(wrong<() => void>('x')), { code: 'BAD_ARGUMENTS' });
    },
  },
  {
    name: 'a multi with anything that is no operation does nothing, and says which it was',
    needs: ['multi'],
    async holds(_world, zk) {
      await zk.create('/here');
      const good: Operation = { op: 'create', path: '/x' };
      for (const bad of WRONG_OPERATIONS) {
        const error = await failure(zk.multi([good, wrong<Operation>(bad)]), 'BAD_ARGUMENTS');
        assert.equal(error.failedIndex, 1);
      }
      await refusesAll([null, undefined, {}, 'x', 7], (list) => zk.multi(wrong<Operation[]>(list)));
      await isUnharmed(zk);
    },
  },
  {
    name: 'a multiRead takes reads only',
    needs: ['multiRead'],
    async holds(_world, zk) {
      await zk.create('/here');
      await refusesAll([null, undefined, {}], (list) => zk.multiRead(wrong<[]>(list)));
      const reads = [null, {}, { op: 'set', path: '/here', data: '' }, { op: 'get' }, { op: 'get', path: '/', x: 1 }];
      await refusesAll(reads, (read) => zk.multiRead(wrong<[]>([read])));
      await isUnharmed(zk);
    },
  },
  {
    name: 'modes and watchers of persistent watches that are none are refused',
    needs: ['addWatch'],
    async holds(_world, zk) {
      const watcher: Watcher = { event: () => undefined, reset: () => undefined };
      await refusesAll([undefined, null, 'PERSISTENT', 'toString', 0], (mode) =>
        zk.watch('/', wrong<'persistent'>(mode), watcher),
      );
      await refusesAll([undefined, null, {}, { event: () => undefined }, () => undefined], (given) =>
        zk.watch('/', 'persistent', wrong<Watcher>(given)),
      );
    },
  },
  {
    name: 'ACLs and credentials that are none are refused',
    needs: ['acl'],
    async holds(_world, zk) {
      await zk.create('/here');
      await refusesAll(WRONG_ACLS, (acl) => zk.setAcl('/here', wrong<Acl[]>(acl)));
      await refusesAll([undefined, null, 7, ''], (scheme) => zk.authenticate(wrong<string>(scheme), 'a:b'));
      await refusesAll([undefined, null, 7, {}], (credentials) => zk.authenticate('digest', wrong<Data>(credentials)));
      await isUnharmed(zk);
    },
  },
];
