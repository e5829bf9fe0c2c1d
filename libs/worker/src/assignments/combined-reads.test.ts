import { ManualRuntime } from '@drover/testing';
import { ZooKeeperError, type ReadOperation, type ReadResult, type ZooKeeper, type Znode } from '@drover/zookeeper';
import test from 'ava';
import { CombinedReads } from './combined-reads.js';

const GONE = new ZooKeeperError({ op: 'multiRead', code: 'NO_NODE', path: '/gone', outcome: 'not-applied' });
const znodeAt = (path: string): Znode => ({ data: Buffer.from(path) }) as Znode;

/** Lists its requests; `/gone` is not there. */
function played({ multiRead = true, breaks = false } = {}): { zk: ZooKeeper; requests: string[] } {
  const requests: string[] = [];
  const zk = {
    capabilities: { multiRead },
    get: (path: string) => {
      requests.push(path);
      return Promise.resolve(znodeAt(path));
    },
    multiRead: (operations: readonly ReadOperation[]) => {
      requests.push(operations.map(({ path }) => path).join(' '));
      if (breaks) return Promise.reject(new Error('connection lost'));
      const results = operations.map(({ path }): ReadResult =>
        path === '/gone' ? { op: 'error', error: GONE } : { op: 'get', znode: znodeAt(path) },
      );
      return Promise.resolve(results);
    },
  };
  return { zk: zk as unknown as ZooKeeper, requests };
}

const textOf = async (read: Promise<Znode>): Promise<string> => (await read).data.toString();

test('reads of one turn go in few requests, in their order; one alone is a plain read', async (t) => {
  const { zk, requests } = played();
  const runtime = new ManualRuntime();
  const reads = new CombinedReads(zk, runtime, 2);
  const five = ['/a', '/b', '/c', '/d', '/e'].map((path) => textOf(reads.get(path)));
  t.deepEqual(requests, []);
  await runtime.advance(0);
  t.deepEqual(await Promise.all(five), ['/a', '/b', '/c', '/d', '/e']);
  t.deepEqual(requests, ['/a /b', '/c /d', '/e']);
});

test('a znode that is not there fails no other; a broken connection fails all', async (t) => {
  const runtime = new ManualRuntime();
  const reads = new CombinedReads(played().zk, runtime, 9);
  const settled = Promise.allSettled([reads.get('/a'), reads.get('/gone'), reads.get('/b')]);
  await runtime.advance(0);
  t.deepEqual(
    (await settled).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  const broken = new CombinedReads(played({ breaks: true }).zk, runtime, 9);
  const both = Promise.allSettled([broken.get('/a'), broken.get('/b')]);
  await runtime.advance(0);
  t.deepEqual(
    (await both).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});

test('a driver without such requests reads one by one, at once', async (t) => {
  const { zk, requests } = played({ multiRead: false });
  const reads = new CombinedReads(zk, new ManualRuntime(), 9);
  t.is(await textOf(reads.get('/a')), '/a');
  t.is(await textOf(reads.get('/b')), '/b');
  t.deepEqual(requests, ['/a', '/b']);
});
