import assert from 'node:assert/strict';
import { failure, text, type Law } from './law.js';

/** Versions are fences: compared as given, 0 included. */
export const versionLaws: Law[] = [
  {
    name: 'a write with the version it expects is done, with any other it is not',
    async holds(_world, zk) {
      await zk.create('/a', 'zero');
      assert.equal((await zk.set('/a', 'one', 0)).version, 1);
      const stale = await failure(zk.set('/a', 'stale', 0), 'BAD_VERSION');
      assert.deepEqual([stale.op, stale.path, stale.outcome], ['set', '/a', 'not-applied']);
      await failure(zk.set('/a', 'future', 2), 'BAD_VERSION');
      assert.equal(text((await zk.get('/a')).data), 'one');
      assert.equal((await zk.set('/a', 'any')).version, 2);
    },
  },
  {
    name: 'a delete with version 0 does not delete what was changed since',
    async holds(_world, zk) {
      await zk.create('/a');
      await zk.set('/a', 'changed');
      await failure(zk.delete('/a', 0), 'BAD_VERSION');
      assert.notEqual(await zk.exists('/a'), null);
      await zk.delete('/a', 1);
      assert.equal(await zk.exists('/a'), null);
    },
  },
  {
    name: 'a fence at version 0 holds in a multi too: check, set and delete',
    needs: ['multi', 'exactVersions'],
    async holds(_world, zk) {
      await zk.create('/fence');
      await zk.create('/d');
      await zk.multi([{ op: 'check', path: '/fence', version: 0 }]);
      await zk.set('/fence', 'moved');
      await zk.set('/d', 'moved');
      for (const operation of [
        { op: 'check', path: '/fence', version: 0 },
        { op: 'set', path: '/fence', data: 'ghost', version: 0 },
        { op: 'delete', path: '/d', version: 0 },
      ] as const) {
        const error = await failure(zk.multi([operation, { op: 'create', path: '/ghost' }]), 'BAD_VERSION');
        assert.deepEqual([error.failedIndex, error.path], [0, operation.path]);
      }
      assert.equal(await zk.exists('/ghost'), null);
      assert.equal(text((await zk.get('/fence')).data), 'moved');
      assert.notEqual(await zk.exists('/d'), null);
    },
  },
];
