import test from 'ava';
import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import { silentLog } from '@drover/observability';
import { batchPath, encodeResult, encodeSucceeded } from '@drover/protocol';
import { ManualRuntime } from '@drover/testing';
import type { WatchEvent, Watcher, ZooKeeper } from '@drover/zookeeper';
import type { BatchRef } from '../submit/gather.js';
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
  const zk = {
    watch: (path: string, _mode: string, watcher: Watcher) => {
      asked.push('watch');
      watchers.set(path, watcher);
      return Promise.resolve({ close: () => (asked.push('unwatch'), Promise.resolve()) });
    },
    children: () => (asked.push('children'), Promise.resolve([RESULT])),
    get: () => (asked.push('get'), Promise.resolve({ data, stat: {} })),
  } as unknown as ZooKeeper;
  const connection = {
    ...{ driver: 'fake', writable: true, lastFailure: undefined },
    ready: () => Promise.resolve(zk),
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
  return { runtime, zk, results, told, reset, ending, take };
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
