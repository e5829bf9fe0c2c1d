import { batchPath, encodeResult, encodeSucceeded, resultPath } from '@drover/protocol';
import { ZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { TaskEnds } from './task-ends.js';

const BATCH = '01J9ZZZZZZZZZZZZZZZZZZZZZ1';

/** The result of tasks `[from, to)`, each of which gives its index. */
function resultOf(from: number, to: number): string {
  const lines = Array.from({ length: to - from }, (_, i) => encodeSucceeded(String(from + i), 1));
  const ends = [{ from, to, outcome: 'succeeded' as const }];
  return encodeResult({ worker: 'w', attempt: 1, at: 0, ends }, lines);
}

/** A batch with these results, and how often it was asked for what. */
function batchOf(results: Map<string, string>) {
  const asked = { listings: 0, results: 0 };
  const zk = {
    children: async (path: string) => {
      asked.listings++;
      if (path !== batchPath(BATCH))
        throw new ZooKeeperError({ code: 'NO_NODE', op: 'children', path, outcome: 'not-applied' });
      return [...results.keys()];
    },
    get: async (path: string) => {
      asked.results++;
      const found = [...results].find(([name]) => resultPath(BATCH, name) === path);
      return { data: Buffer.from(found?.[1] ?? '') };
    },
  };
  return { ends: new TaskEnds(zk as unknown as ZooKeeper, 1_000_000), asked, results };
}

test('whoever asks at the same time shares a reading, and what is known is not read again', async (t) => {
  const { ends, asked } = batchOf(new Map([['e1-1.ok', resultOf(0, 100)]]));
  const all = Array.from({ length: 100 }, (_, index) => ends.of(BATCH, [index]));
  const found = await Promise.all(all);
  t.deepEqual(found.map((end, index) => end.get(index)), found.map((_, index) => ({ value: index }))); // prettier-ignore
  t.deepEqual(asked, { listings: 1, results: 1 });
  await ends.of(BATCH, [7, 8]);
  t.deepEqual(asked, { listings: 1, results: 1 });
});

test('what is asked for while an earlier state is read is found by one more reading', async (t) => {
  const { ends, asked, results } = batchOf(new Map([['e1-1.ok', resultOf(0, 10)]]));
  const first = ends.of(BATCH, [0]);
  results.set('e1-2.ok', resultOf(10, 20));
  const later = [10, 11, 12].map((index) => ends.of(BATCH, [index]));
  t.deepEqual((await first).get(0), { value: 0 });
  t.deepEqual((await Promise.all(later)).map((end, i) => end.get(10 + i)), [10, 11, 12].map((value) => ({ value }))); // prettier-ignore
  t.deepEqual(asked, { listings: 1, results: 2 });
});

test('a result that the reader has written itself is never read', async (t) => {
  const { ends, asked } = batchOf(new Map([['e1-1.ok', resultOf(0, 2)]]));
  ends.learn(BATCH, 'e1-1.ok', resultOf(0, 2));
  t.deepEqual(await ends.of(BATCH, [0, 1]), new Map([[0, { value: 0 }], [1, { value: 1 }]])); // prettier-ignore
  t.deepEqual(asked, { listings: 0, results: 0 });
});

test('a task without a result is an error, for everybody who asked', async (t) => {
  const { ends, asked } = batchOf(new Map());
  const all = await Promise.allSettled([ends.of(BATCH, [0]), ends.of(BATCH, [1])]);
  for (const each of all)
    t.regex(String(each.status === 'rejected' && each.reason), /task \d, to which a step refers, has no result/);
  t.is(asked.listings, 1);
});
