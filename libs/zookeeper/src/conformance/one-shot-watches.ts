import assert from 'node:assert/strict';
import type { WatchEvent } from '../port.js';
import { Heard, breakConnections, described, eventsOf, failure, type Law } from './law.js';

type Shot = WatchEvent | null;

/** A watch set by a read tells of the first change after it, once. */
export const oneShotWatchLaws: Law[] = [
  {
    name: 'exists watches the creation, the change and the deletion of a znode',
    async holds(world, zk) {
      const other = await world.open();
      const heard = new Heard<Shot>();
      await zk.exists('/a', heard.add);
      await other.create('/a');
      await heard.count(1);
      await zk.exists('/a', heard.add);
      await other.set('/a', 'x');
      await heard.count(2);
      await zk.exists('/a', heard.add);
      await other.delete('/a');
      await heard.count(3);
      assert.deepEqual(described(heard.all), ['created /a', 'changed /a', 'deleted /a']);
    },
  },
  {
    name: 'get watches data and deletion, children the list of children and deletion',
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a');
      const [data, list] = [new Heard<Shot>(), new Heard<Shot>()];
      await zk.get('/a', data.add);
      await zk.children('/a', list.add);
      await other.create('/a/b');
      await list.count(1);
      assert.deepEqual(described(data.all), [], 'a new child is not a change of the data');
      await zk.children('/a', list.add);
      await other.set('/a', 'x');
      await data.count(1);
      assert.deepEqual(described(list.all), ['children /a'], 'a change of the data is not one of the children');
      await zk.get('/a', data.add);
      await other.delete('/a/b');
      await list.count(2);
      await zk.children('/a', list.add);
      await other.delete('/a');
      await Promise.all([data.count(2), list.count(3)]);
      assert.deepEqual(described(data.all), ['changed /a', 'deleted /a']);
      assert.deepEqual(described(list.all), ['children /a', 'children /a', 'deleted /a']);
    },
  },
  {
    name: 'a watch is told once, however often the znode changes',
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a');
      const heard = new Heard<Shot>();
      await zk.get('/a', heard.add);
      await Promise.all([other.set('/a', '1'), other.set('/a', '2'), other.delete('/a')]);
      await eventsOf(zk);
      assert.deepEqual(described(heard.all), ['changed /a']);
    },
  },
  {
    name: 'an event comes before the answer to any later read',
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a', '0');
      for (let round = 1; round <= 20; round++) {
        const heard = new Heard<Shot>();
        await zk.get('/a', heard.add);
        await other.set('/a', String(round));
        const { stat } = await zk.get('/a');
        assert.equal(stat.version, round);
        assert.equal(heard.all.length, 1, 'the new data was seen before the event');
      }
    },
  },
  {
    name: 'all watchers of one znode hear, also the same function given twice',
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a');
      const [one, two] = [new Heard<Shot>(), new Heard<Shot>()];
      await Promise.all([zk.get('/a', one.add), zk.exists('/a', two.add), zk.get('/a', one.add)]);
      await other.set('/a', 'x');
      await eventsOf(zk);
      assert.deepEqual(described(one.all), ['changed /a', 'changed /a']);
      assert.deepEqual(described(two.all), ['changed /a']);
    },
  },
  {
    name: 'a read that fails sets no watch',
    async holds(world, zk) {
      const other = await world.open();
      const heard = new Heard<Shot>();
      await failure(zk.get('/a', heard.add), 'NO_NODE');
      await failure(zk.children('/a', heard.add), 'NO_NODE');
      await other.create('/a');
      await other.set('/a', 'x');
      await eventsOf(zk);
      await zk.close();
      assert.deepEqual(heard.all, []);
    },
  },
  {
    name: 'a watch outlives a lost connection, and tells what happened meanwhile',
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/a');
      await zk.create('/p');
      const [data, list, birth] = [new Heard<Shot>(), new Heard<Shot>(), new Heard<Shot>()];
      await zk.get('/a', data.add);
      await zk.children('/p', list.add);
      await zk.exists('/later', birth.add);
      await breakConnections(world, zk, other);
      await other.connected();
      await Promise.all([other.set('/a', 'x'), other.create('/p/c')]);
      await zk.connected();
      await Promise.all([data.count(1), list.count(1)]);
      await other.create('/later');
      await birth.count(1);
      assert.deepEqual(described([...data.all, ...list.all]), ['changed /a', 'children /p']);
      assert.deepEqual(described(birth.all), ['created /later']);
    },
  },
  {
    name: 'when the session ends a watch that was not told hears null, once',
    async holds(world, zk) {
      const other = await world.open();
      await other.create('/a');
      const [closed, expired] = [new Heard<Shot>(), new Heard<Shot>()];
      await zk.get('/a', closed.add);
      await other.get('/a', expired.add);
      await zk.close();
      await world.expire(other);
      await expired.count(1);
      await other.close();
      assert.deepEqual(closed.all, [null]);
      assert.deepEqual(expired.all, [null]);
    },
  },
];
