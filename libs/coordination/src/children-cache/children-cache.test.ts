import type { Stat, Znode } from '@drover/zookeeper';
import test from 'ava';
import { LIST_WINDOW, ChildrenCache } from './children-cache.js';

const znode = (name: string): Znode => ({ data: Buffer.from(name), stat: { mzxid: 1n } as Stat });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A directory whose reads take a turn each. */
function directory(names: readonly string[]): { zk: Pick<Cached, 'watch' | 'children' | 'get'>; most: () => number } {
  let running = 0;
  let most = 0;
  const zk = {
    watch: () => Promise.resolve({ close: () => Promise.resolve() }),
    children: () => Promise.resolve([...names]),
    get: async (path: string) => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      return znode(path.slice(path.lastIndexOf('/') + 1));
    },
  };
  return { zk, most: () => most };
}
type Cached = ConstructorParameters<typeof ChildrenCache>[0]['zk'];

test('however many children a directory has, only so many of them are read at a time, and all are told', async (t) => {
  const names = Array.from({ length: 2_000 }, (_, n) => `child${n}`);
  const { zk, most } = directory(names);
  const told: string[] = [];
  const cache = new ChildrenCache({
    ...{ zk, directory: '/d' },
    put: (name) => told.push(name),
    gone: (name) => t.fail(`${name} is gone`),
    failed: (error) => t.fail(String(error)),
  });
  await cache.start();
  t.deepEqual(told, names);
  t.is(most(), LIST_WINDOW);
});

test('a children cache that is stopped reads nothing more', async (t) => {
  const names = Array.from({ length: 2_000 }, (_, n) => `child${n}`);
  const { zk } = directory(names);
  let told = 0;
  const cache: ChildrenCache = new ChildrenCache({
    ...{ zk, directory: '/d' },
    put: () => {
      told++;
      if (told === 10) void cache.stop();
    },
    gone: () => t.fail(),
    failed: (error) => t.fail(String(error)),
  });
  await cache.start();
  t.is(told, 10);
});
