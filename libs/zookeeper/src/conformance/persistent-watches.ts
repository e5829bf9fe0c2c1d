import assert from 'node:assert/strict';
import type { WatchEvent, Watcher } from '../port.js';
import { Heard, breakConnections, described, eventsOf, type Law } from './law.js';

class Listening extends Heard<WatchEvent> implements Watcher {
  readonly resets = new Heard<null>();
  readonly event = this.add;
  readonly reset = (): void => {
    this.resets.add(null);
  };
}

export const persistentWatchLaws: Law[] = [
  {
    name: 'a persistent watch tells every change of the znode and of its list of children, also before it exists',
    needs: ['addWatch'],
    async holds(world, zk) {
      const other = await world.open();
      const listening = new Listening();
      await zk.watch('/a', 'persistent', listening);
      await other.create('/a');
      await other.set('/a', '1');
      await other.set('/a', '2');
      await other.create('/a/b');
      await other.set('/a/b', 'not ours');
      await other.delete('/a/b');
      await other.delete('/a');
      await eventsOf(zk);
      const expected = ['created', 'changed', 'changed', 'children', 'children', 'deleted'];
      assert.deepEqual(
        described(listening.all),
        expected.map((type) => `${type} /a`),
      );
      assert.deepEqual(listening.resets.all, []);
    },
  },
  {
    name: 'a recursive watch tells creations, changes and deletions at any depth, in order, and never children',
    needs: ['addWatch'],
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a');
      await zk.create('/ab');
      const listening = new Listening();
      await zk.watch('/a', 'recursive', listening);
      await other.create('/a/b');
      await other.create('/a/b/c', 'x');
      await other.set('/a/b/c', 'y');
      await other.set('/a', 'z');
      await other.create('/ab/c');
      await other.delete('/a/b/c');
      await other.delete('/a/b');
      await other.delete('/a');
      await eventsOf(zk);
      assert.deepEqual(described(listening.all), [
        'created /a/b',
        'created /a/b/c',
        'changed /a/b/c',
        'changed /a',
        'deleted /a/b/c',
        'deleted /a/b',
        'deleted /a',
      ]);
    },
  },
  {
    name: 'a recursive watch of the root sees everything in the chroot, with paths without it',
    needs: ['addWatch'],
    async holds(world, zk) {
      await zk.create('/sub');
      const inside = await world.open({ at: '/sub' });
      const listening = new Listening();
      await inside.watch('/', 'recursive', listening);
      await zk.create('/beside');
      await zk.create('/sub/a');
      await zk.set('/sub', 'root');
      await eventsOf(inside);
      assert.deepEqual(described(listening.all), ['created /a', 'changed /']);
    },
  },
  {
    name: 'a watch that was closed is silent; others of the same path, and one-shot ones, keep hearing',
    needs: ['addWatch'],
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a');
      const [gone, staying, once] = [new Listening(), new Listening(), new Heard<WatchEvent | null>()];
      const handle = await zk.watch('/a', 'recursive', gone);
      await zk.watch('/a', 'recursive', staying);
      await zk.get('/a', once.add);
      await handle.close();
      await handle.close();
      await other.set('/a', 'x');
      await eventsOf(zk);
      assert.deepEqual(described(gone.all), []);
      assert.deepEqual(described(staying.all), ['changed /a']);
      assert.deepEqual(described(once.all), ['changed /a']);
    },
  },
  {
    name: 'after the last watch of a path is closed it can be watched again, in the other mode too',
    needs: ['addWatch'],
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a');
      const first = await zk.watch('/a', 'recursive', new Listening());
      await first.close();
      const again = new Listening();
      await zk.watch('/a', 'persistent', again);
      await other.create('/a/b');
      await eventsOf(zk);
      assert.deepEqual(described(again.all), ['children /a']);
    },
  },
  {
    name: 'after a reconnect the watcher is told to list again, misses nothing from there, and no event twice',
    needs: ['addWatch'],
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a');
      const listening = new Listening();
      await zk.watch('/a', 'recursive', listening);
      await breakConnections(world, zk, other);
      await other.connected();
      await listening.resets.count(1);
      await other.create('/a/after');
      await eventsOf(zk);
      assert.deepEqual(described(listening.all), ['created /a/after']);
      assert.equal(listening.resets.all.length, 1);
    },
  },
];
