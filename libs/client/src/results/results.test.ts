import test from 'ava';
import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import { silentLog, silentMetrics } from '@drover/observability';
import { batchPath, encodeResult, encodeSucceeded } from '@drover/protocol';
import { ManualRuntime } from '@drover/testing';
import { ZooKeeperError, type WatchEvent, type Watcher, type ZooKeeper } from '@drover/zookeeper';
import { BatchBuilder, type BatchRef } from '../submit/batch-builder.js';
import { submitBatch } from '../submit/submit-batch.js';
import { Results } from './results.js';

const ref = (n: number): BatchRef => ({
  id: `01M82JVEMPWW3M3KR0SECPNVN${n}`,
  groups: [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count: 1 }],
});
const RESULT = 'e1-1.ok';

/** A handle that counts what it is asked for; every batch has one result. */
function world() {
  const runtime = new ManualRuntime();
  const asked: string[] = [];
  const watchers = new Map<string, Watcher>();
  const ends = [{ from: 0, to: 1, outcome: 'succeeded' as const }];
  const data = Buffer.from(encodeResult({ worker: 'w-1', attempt: 1, at: 0, ends }, [encodeSucceeded('7', 1)]));
  const noNode = new ZooKeeperError({ code: 'NO_NODE', op: 'get', outcome: 'not-applied' });
  /** How many reads the server answers as if there were nothing yet. */
  let behind = 0;
  const fallBehind = (): void => void (behind = 1);
  /** Each create is answered by the test. */
  const creates: { reject: (error: unknown) => void }[] = [];
  const zk = {
    create: () => new Promise((_resolve, reject) => creates.push({ reject })),
    watch: (path: string, _mode: string, watcher: Watcher) => {
      asked.push('watch');
      watchers.set(path, watcher);
      return Promise.resolve({ close: () => (asked.push('unwatch'), Promise.resolve()) });
    },
    children: () => (asked.push('children'), Promise.resolve([RESULT])),
    get: () => (asked.push('get'), behind-- > 0 ? Promise.reject(noNode) : Promise.resolve({ data, stat: {} })),
    sync: () => (asked.push('sync'), Promise.resolve()),
    exists: () => Promise.resolve({}),
  } as unknown as ZooKeeper;
  const handles = { ready: () => Promise.resolve(zk) };
  const connection = {
    ...{
      driver: 'fake',
      writable: true,
      lastFailure: undefined,
      health: { ready: true, why: 'ok', hasConnected: true },
      ...handles,
      reader: handles,
      writer: handles,
    },
    onNewSession: () => undefined,
    close: () => Promise.resolve(),
  };
  const results = new Results({ connection, runtime, log: silentLog, keptResultBytes: 1_000 });
  const told = ({ id }: BatchRef): void => {
    const event: WatchEvent = { type: 'created', path: `${batchPath(id)}/${RESULT}` };
    watchers.get(batchPath(id))?.event(event);
  };
  const reset = ({ id }: BatchRef): void => watchers.get(batchPath(id))?.reset();
  const ending = (batch: BatchRef): Promise<unknown> =>
    new Promise((resolve, failed) => results.wait(batch, 0, { ended: resolve, failed }));
  const take = (): string[] => asked.splice(0);
  return { runtime, zk, connection, creates, results, told, reset, fallBehind, ending, take };
}

test('nothing is watched ahead before somebody has awaited', (t) => {
  const { results, zk, take } = world();
  results.writing(ref(1), zk);
  t.deepEqual(take(), []);
});

test('who awaits is watched ahead from then on, and what was seen needs no listing', async (t) => {
  const { results, zk, told, ending, take } = world();
  t.like(await ending(ref(1)), { state: 'succeeded', result: 7 });
  t.deepEqual(take().sort(), ['children', 'get', 'watch']);
  results.writing(ref(2), zk);
  results.writing(ref(3), zk);
  t.deepEqual(take(), ['watch', 'watch']);
  told(ref(2));
  t.like(await ending(ref(2)), { state: 'succeeded', result: 7 });
  const third = ending(ref(3));
  await Promise.resolve();
  told(ref(3));
  t.like(await third, { state: 'succeeded', result: 7 });
  t.deepEqual(take(), ['get', 'get']);
});

test('a watch that was interrupted before somebody asked has not seen all: the batch is listed', async (t) => {
  const { results, zk, reset, ending, take } = world();
  await ending(ref(1));
  take();
  results.writing(ref(2), zk);
  reset(ref(2));
  t.like(await ending(ref(2)), { state: 'succeeded', result: 7 });
  t.deepEqual(take().sort(), ['children', 'get', 'watch']);
});

test('a batch that was not written, or that nobody awaits, is let go; then nothing is watched ahead', async (t) => {
  const { runtime, results, zk, ending, take } = world();
  await ending(ref(1));
  results.writing(ref(2), zk);
  results.notWritten(ref(2));
  t.is(results.size, 0);
  results.writing(ref(3), zk);
  t.is(results.size, 1);
  await runtime.advance(3_000);
  t.is(results.size, 0);
  t.is(take().filter((what) => what === 'unwatch').length, 3);
  results.writing(ref(4), zk);
  t.deepEqual(take(), []);
});

test('a batch that was in doubt for long may have results when it is acknowledged: it is listed', async (t) => {
  const { runtime, connection, creates, results, ending, take } = world();
  await ending(ref(1));
  const builder = new BatchBuilder({ tasks: 1, bytes: 1_000, keys: 1 });
  const acknowledged = new Promise<BatchRef>((resolve, failed) =>
    builder.add({
      options: { ...DEFAULT_TASK_OPTIONS, type: 'noop', key: null },
      payload: '1',
      bytes: 1,
      acknowledged: resolve,
      failed,
    }),
  );
  const context = {
    connection,
    runtime,
    results,
    metrics: silentMetrics,
    interceptors: null,
    newBatchId: () => ref(2).id,
  };
  const written = submitBatch(builder, { queue: 'default', client: 'c', at: 0 }, context);
  await runtime.advance(3_000);
  t.is(results.size, 0, 'nobody has awaited it: it was let go');
  await ending(ref(3));
  take();
  const failure = (code: 'CONNECTION_LOSS' | 'NODE_EXISTS') =>
    new ZooKeeperError({ code, op: 'create', outcome: 'unknown' });
  creates[0]?.reject(failure('CONNECTION_LOSS'));
  await runtime.advance(1_000);
  creates[1]?.reject(failure('NODE_EXISTS'));
  await written;
  t.like(await ending(await acknowledged), { state: 'succeeded', result: 7 });
  t.true(take().includes('children'));
});

test('a result that a server told of, and another has not got yet, is read when that one has caught up', async (t) => {
  const { results, zk, told, fallBehind, ending, take } = world();
  await ending(ref(1));
  results.writing(ref(2), zk);
  const second = ending(ref(2));
  take();
  fallBehind();
  told(ref(2));
  t.like(await second, { state: 'succeeded', result: 7 });
  t.deepEqual(take(), ['get', 'sync', 'children', 'get']);
});
