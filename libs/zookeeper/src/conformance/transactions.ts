import assert from 'node:assert/strict';
import type { Operation } from '../port.js';
import { failure, sorted, text, type Law } from './law.js';

export const transactionLaws: Law[] = [
  {
    name: 'a multi does all of its operations in one transaction and answers each',
    needs: ['multi'],
    async holds(_world, zk) {
      await zk.create('/s', 'old');
      await zk.create('/d');
      const { zxid, results } = await zk.multi([
        { op: 'check', path: '/s', version: 0 },
        { op: 'create', path: '/c', data: 'new' },
        { op: 'create', path: '/c/n-', mode: 'persistent-sequential' },
        { op: 'create', path: '/e', mode: 'ephemeral' },
        { op: 'set', path: '/s', data: 'changed', version: 0 },
        { op: 'delete', path: '/d' },
      ]);
      assert.deepEqual(
        results.map(({ op }) => op),
        ['check', 'create', 'create', 'create', 'set', 'delete'],
      );
      const paths = results.flatMap((result) => (result.op === 'create' ? [result.path] : []));
      assert.deepEqual([paths[0], paths[2]], ['/c', '/e']);
      assert.match(paths[1] ?? '', /^\/c\/n-\d{10}$/);
      for (const path of paths) assert.equal((await zk.get(path)).stat.czxid, zxid);
      assert.equal((await zk.get('/e')).stat.ephemeralOwner, zk.sessionId);
      const set = results[4];
      assert.ok(set?.op === 'set' && set.stat.version === 1 && set.stat.mzxid === zxid);
      assert.deepEqual(sorted(await zk.children('/')), ['c', 'e', 's']);
    },
  },
  {
    name: 'a check of any version passes while the znode exists, whatever was written into it, and fails with NO_NODE after',
    needs: ['multi'],
    async holds(_world, zk) {
      const claim = (path: string): Operation[] => [
        { op: 'create', path },
        { op: 'check', path: '/claim', version: 'any' },
      ];
      await zk.create('/claim', 'a');
      await zk.multi(claim('/first'));
      await zk.set('/claim', 'b');
      await zk.multi(claim('/second'));
      await zk.delete('/claim');
      const error = await failure(zk.multi(claim('/third')), 'NO_NODE');
      assert.equal(error.failedIndex, 1);
      assert.deepEqual(sorted(await zk.children('/')), ['first', 'second']);
    },
  },
  {
    name: 'a multi that fails does nothing, and names the operation that failed',
    needs: ['multi'],
    async holds(_world, zk) {
      await zk.create('/there', 'same');
      const cases = [
        { failing: { op: 'create', path: '/there' }, code: 'NODE_EXISTS' },
        { failing: { op: 'create', path: '/no/parent' }, code: 'NO_NODE' },
        { failing: { op: 'check', path: '/absent', version: 0 }, code: 'NO_NODE' },
        { failing: { op: 'set', path: '/there', data: '', version: 5 }, code: 'BAD_VERSION' },
        { failing: { op: 'delete', path: '/absent' }, code: 'NO_NODE' },
      ] as const;
      for (const { failing, code } of cases) {
        const attempt = zk.multi([
          { op: 'create', path: '/one' },
          { op: 'set', path: '/there', data: 'other' },
          failing,
          { op: 'create', path: '/two' },
        ]);
        const error = await failure(attempt, code);
        assert.deepEqual([error.failedIndex, error.op, error.path], [2, 'multi', failing.path]);
        assert.equal(error.outcome, 'not-applied');
      }
      assert.deepEqual(await zk.children('/'), ['there']);
      assert.equal(text((await zk.get('/there')).data), 'same');
    },
  },
  {
    name: 'later operations of a multi see the earlier ones',
    needs: ['multi'],
    async holds(_world, zk) {
      await zk.multi([
        { op: 'create', path: '/a' },
        { op: 'create', path: '/a/b' },
        { op: 'set', path: '/a/b', data: 'x', version: 0 },
        { op: 'delete', path: '/a/b', version: 1 },
        { op: 'delete', path: '/a' },
        { op: 'create', path: '/a', data: 'again' },
      ]);
      assert.equal(text((await zk.get('/a')).data), 'again');
      assert.deepEqual(await zk.children('/a'), []);
    },
  },
  {
    name: 'of two that race for one znode exactly one wins',
    needs: ['multi'],
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/epoch');
      const bid = (handle: typeof zk, leader: string) =>
        handle.multi([
          { op: 'create', path: '/leader', data: leader, mode: 'ephemeral' },
          { op: 'set', path: '/epoch', data: leader, version: 0 },
        ]);
      const outcomes = await Promise.allSettled([bid(zk, 'one'), bid(other, 'two')]);
      assert.deepEqual(sorted(outcomes.map(({ status }) => status)), ['fulfilled', 'rejected']);
      const winner = outcomes[0].status === 'fulfilled' ? 'one' : 'two';
      assert.equal(text((await zk.get('/leader')).data), winner);
      assert.equal(text((await zk.get('/epoch')).data), winner);
    },
  },
  {
    name: 'what a multi cannot do it refuses as a whole',
    needs: ['multi'],
    async holds(_world, zk) {
      const data = Buffer.alloc(400_000);
      const error = await failure(
        zk.multi(['/a', '/b', '/c'].map((path) => ({ op: 'create', path, data }))),
        'REQUEST_TOO_LARGE',
      );
      assert.deepEqual([error.op, error.outcome], ['multi', 'not-applied']);
      assert.deepEqual(await zk.children('/'), []);
      assert.equal(zk.state, 'connected');
    },
  },
  {
    name: 'a multiRead answers each operation; one that fails does not fail the others',
    needs: ['multiRead'],
    async holds(_world, zk) {
      await zk.create('/a', 'data');
      await zk.create('/a/b');
      const results = await zk.multiRead([
        { op: 'get', path: '/a' },
        { op: 'get', path: '/absent' },
        { op: 'children', path: '/a' },
        { op: 'children', path: '/a/b' },
      ]);
      const [get, absent, children, none] = results;
      assert.equal(results.length, 4);
      assert.ok(get?.op === 'get' && text(get.znode.data) === 'data' && get.znode.stat.numChildren === 1);
      assert.ok(absent?.op === 'error' && absent.error.code === 'NO_NODE');
      assert.equal(absent.error.path, '/absent');
      assert.deepEqual(children, { op: 'children', children: ['b'] });
      assert.deepEqual(none, { op: 'children', children: [] });
    },
  },
];
