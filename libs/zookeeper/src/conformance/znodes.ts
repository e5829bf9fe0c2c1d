import assert from 'node:assert/strict';
import type { WatchEvent } from '../port.js';
import { Heard, described, failure, sorted, text, type Law } from './law.js';

/** Laws of create, read, write and delete: the state afterwards, and the errors. */
export const znodeLaws: Law[] = [
  {
    name: 'what was created can be read back, with the Stat of a new znode',
    async holds(_world, zk) {
      const before = Date.parse('2020-01-01');
      const { path, zxid } = await zk.create('/a', 'häuser');
      assert.equal(path, '/a');
      const { data, stat } = await zk.get('/a');
      assert.equal(text(data), 'häuser');
      assert.equal(stat.czxid, zxid);
      assert.equal(stat.mzxid, zxid);
      assert.equal(stat.pzxid, zxid);
      assert.deepEqual([stat.version, stat.cversion, stat.aversion], [0, 0, 0]);
      assert.deepEqual([stat.dataLength, stat.numChildren, stat.ephemeralOwner], [7, 0, 0n]);
      assert.ok(stat.ctime > before && stat.mtime === stat.ctime);
    },
  },
  {
    name: 'data is bytes: any value and none at all come back unchanged',
    async holds(_world, zk) {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      await zk.create('/bytes', bytes);
      assert.deepEqual(Uint8Array.from((await zk.get('/bytes')).data), bytes);
      await zk.create('/view', bytes.subarray(100, 103));
      assert.deepEqual([...(await zk.get('/view')).data], [100, 101, 102]);
      await zk.create('/none');
      assert.equal((await zk.get('/none')).data.length, 0);
      await zk.create('/empty', '');
      assert.equal((await zk.get('/empty')).data.length, 0);
    },
  },
  {
    name: 'names may be any text of the basic plane',
    async holds(_world, zk) {
      await zk.create('/grüße 世界');
      await zk.create('/grüße 世界/ポチ');
      assert.deepEqual(await zk.children('/grüße 世界'), ['ポチ']);
      assert.deepEqual(await zk.children('/'), ['grüße 世界']);
    },
  },
  {
    name: 'a create that fails says why, where and that nothing was done',
    async holds(_world, zk) {
      await zk.create('/a', 'first');
      const exists = await failure(zk.create('/a', 'second'), 'NODE_EXISTS');
      assert.deepEqual([exists.op, exists.path, exists.outcome], ['create', '/a', 'not-applied']);
      assert.equal(text((await zk.get('/a')).data), 'first');
      const orphan = await failure(zk.create('/no/parent'), 'NO_NODE');
      assert.deepEqual([orphan.op, orphan.path, orphan.outcome], ['create', '/no/parent', 'not-applied']);
    },
  },
  {
    name: 'sequential names count up in ten digits and are returned, also for ephemerals',
    async holds(_world, zk) {
      await zk.create('/q');
      const first = await zk.create('/q/n-', '', { mode: 'persistent-sequential' });
      const second = await zk.create('/q/n-', '', { mode: 'ephemeral-sequential' });
      assert.match(first.path, /^\/q\/n-\d{10}$/);
      assert.ok(second.path > first.path);
      assert.ok(second.zxid > first.zxid);
      assert.equal((await zk.get(second.path)).stat.ephemeralOwner, zk.sessionId);
      assert.equal((await zk.get(first.path)).stat.ephemeralOwner, 0n);
    },
  },
  {
    name: 'many creates at once: each gets its own path and the zxid of its own transaction',
    async holds(_world, zk) {
      const names = Array.from({ length: 50 }, (_, i) => `/n${i}`);
      const made = await Promise.all(names.map((name) => zk.create(name, name)));
      assert.deepEqual(
        made.map(({ path }) => path),
        names,
      );
      const znodes = await Promise.all(names.map((name) => zk.get(name)));
      assert.deepEqual(
        made.map(({ zxid }) => zxid),
        znodes.map(({ stat }) => stat.czxid),
      );
      assert.ok(made.every(({ zxid }, i) => i === 0 || zxid > (made[i - 1]?.zxid ?? 0n)));
    },
  },
  {
    name: 'an ephemeral belongs to the session, has no children and goes with close',
    async holds(world, zk) {
      const owner = await world.open();
      await owner.create('/e', 'mine', { mode: 'ephemeral' });
      assert.equal((await zk.get('/e')).stat.ephemeralOwner, owner.sessionId);
      await failure(owner.create('/e/child'), 'NO_CHILDREN_FOR_EPHEMERALS');
      const gone = new Heard<WatchEvent | null>();
      await zk.exists('/e', gone.add);
      await owner.close();
      assert.deepEqual(described(await gone.count(1)), ['deleted /e']);
    },
  },
  {
    name: 'a container is an ordinary znode to its users',
    needs: ['containers'],
    async holds(_world, zk) {
      await zk.create('/c', 'box', { mode: 'container' });
      await zk.create('/c/child');
      const { data, stat } = await zk.get('/c');
      assert.equal(text(data), 'box');
      assert.equal(stat.numChildren, 1);
    },
  },
  {
    name: 'znodes with a time to live can be made, sequential ones too',
    needs: ['ttl'],
    async holds(_world, zk) {
      const plain = await zk.create('/t', 'x', { mode: 'persistent-ttl', ttlMs: 60_000 });
      assert.equal(plain.path, '/t');
      const numbered = await zk.create('/t-', 'x', { mode: 'persistent-sequential-ttl', ttlMs: 60_000 });
      assert.match(numbered.path, /^\/t-\d{10}$/);
      assert.equal((await zk.get('/t')).stat.czxid, plain.zxid);
    },
  },
  {
    name: 'exists is null, and reads and writes fail with NO_NODE, where there is nothing',
    async holds(_world, zk) {
      assert.equal(await zk.exists('/nothing'), null);
      const calls = {
        get: zk.get('/nothing'),
        children: zk.children('/nothing'),
        set: zk.set('/nothing', ''),
        delete: zk.delete('/nothing'),
      };
      for (const [op, call] of Object.entries(calls)) {
        const error = await failure(call, 'NO_NODE');
        assert.deepEqual([error.op, error.path, error.outcome], [op, '/nothing', 'not-applied']);
      }
    },
  },
  {
    name: 'set returns the new Stat, and exists the same one',
    async holds(_world, zk) {
      await zk.create('/a', 'one');
      const stat = await zk.set('/a', 'three');
      assert.deepEqual([stat.version, stat.dataLength], [1, 5]);
      assert.ok(stat.mzxid > stat.czxid);
      assert.deepEqual(await zk.exists('/a'), stat);
    },
  },
  {
    name: 'children are names, only direct ones, and the parent counts them',
    async holds(_world, zk) {
      await zk.create('/p');
      assert.deepEqual(await zk.children('/p'), []);
      await Promise.all([zk.create('/p/b'), zk.create('/p/a'), zk.create('/p/a/deep')]);
      assert.deepEqual(sorted(await zk.children('/p')), ['a', 'b']);
      assert.equal((await zk.exists('/p'))?.numChildren, 2);
      await failure(zk.delete('/p'), 'NOT_EMPTY');
    },
  },
  {
    name: 'requests are done in the order of the calls, without waiting between them',
    async holds(_world, zk) {
      const steps = [zk.create('/a', '0'), zk.set('/a', '1'), zk.get('/a'), zk.delete('/a'), zk.exists('/a')] as const;
      const [, , znode, , gone] = await Promise.all(steps);
      assert.equal(text(znode.data), '1');
      assert.equal(gone, null);
    },
  },
  {
    name: 'sync brings the server up to date',
    needs: ['sync'],
    async holds(world, zk) {
      const other = await world.open();
      await other.create('/a', 'new');
      await zk.sync('/');
      await zk.sync();
      assert.equal(text((await zk.get('/a')).data), 'new');
    },
  },
];
