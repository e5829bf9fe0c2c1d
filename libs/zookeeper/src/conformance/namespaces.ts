import assert from 'node:assert/strict';
import type { WatchEvent } from '../port.js';
import { Heard, described, failure, text, type Law } from './law.js';

/** The chroot of the connect string, and which paths are paths. */
export const namespaceLaws: Law[] = [
  {
    name: 'paths are relative to the chroot, in what is given, returned, told and complained of',
    async holds(world, zk) {
      await zk.create('/sub', 'root');
      const inside = await world.open({ at: '/sub' });
      assert.equal(text((await inside.get('/')).data), 'root');
      assert.deepEqual(await inside.children('/'), []);
      assert.equal((await inside.create('/a', 'in')).path, '/a');
      const numbered = await inside.create('/n-', '', { mode: 'persistent-sequential' });
      assert.match(numbered.path, /^\/n-\d{10}$/);
      assert.equal(text((await zk.get('/sub/a')).data), 'in');
      assert.equal((await failure(inside.get('/sub/a'), 'NO_NODE')).path, '/sub/a');
      const heard = new Heard<WatchEvent | null>();
      await inside.get('/', heard.add);
      await inside.get('/a', heard.add);
      await zk.set('/sub/a', 'x');
      await zk.set('/sub', 'x');
      await heard.count(2);
      assert.deepEqual(described(heard.all), ['changed /a', 'changed /']);
    },
  },
  {
    name: 'a multi is relative to the chroot too',
    needs: ['multi'],
    async holds(world, zk) {
      await zk.create('/sub');
      const inside = await world.open({ at: '/sub' });
      const { results } = await inside.multi([
        { op: 'check', path: '/', version: 0 },
        { op: 'create', path: '/a' },
      ]);
      assert.deepEqual(results[1], { op: 'create', path: '/a' });
      assert.notEqual(await zk.exists('/sub/a'), null);
      const error = await failure(inside.multi([{ op: 'delete', path: '/gone' }]), 'NO_NODE');
      assert.equal(error.path, '/gone');
    },
  },
  {
    name: 'a chroot that is not there is an empty place: nothing to read, nowhere to create',
    async holds(world, zk) {
      const nowhere = await world.open({ at: '/nowhere' });
      assert.equal(await nowhere.exists('/'), null);
      await failure(nowhere.create('/a'), 'NO_NODE');
      await zk.create('/nowhere');
      await nowhere.create('/a');
      assert.deepEqual(await zk.children('/nowhere'), ['a']);
    },
  },
  {
    name: 'what is not a path is refused with BAD_ARGUMENTS, and harms nobody else',
    async holds(_world, zk) {
      for (const path of ['', 'a', 'a/b', '/a/', '//', '/a//b', '/.', '/..', '/a/../b', '/a/./b']) {
        const [error] = await Promise.all([failure(zk.get(path), 'BAD_ARGUMENTS'), zk.get('/')]);
        assert.deepEqual([error.op, error.path, error.outcome], ['get', path, 'not-applied']);
        await failure(zk.create(path), 'BAD_ARGUMENTS');
      }
      assert.deepEqual(await zk.children('/'), []);
      await zk.create('/.a');
      await zk.create('/.a/..b');
    },
  },
  {
    name: 'a request that is too large is refused before it is sent, and harms nobody else',
    async holds(_world, zk) {
      await zk.create('/a');
      const huge = Buffer.alloc(1_048_576);
      const [created, set] = await Promise.all([
        failure(zk.create('/huge', huge), 'REQUEST_TOO_LARGE'),
        failure(zk.set('/a', huge), 'REQUEST_TOO_LARGE'),
        zk.get('/a'),
      ]);
      assert.deepEqual([created.op, created.path, created.outcome], ['create', '/huge', 'not-applied']);
      assert.deepEqual([set.op, set.path, set.outcome], ['set', '/a', 'not-applied']);
      await zk.create('/large', huge.subarray(0, 1_048_000));
      assert.equal((await zk.get('/large')).data.length, 1_048_000);
      assert.equal(zk.state, 'connected');
    },
  },
];
