import {
  batchIds,
  DEFAULT_TASK_OPTIONS,
  InvalidArgumentError,
  LIMITS,
  parseTaskId,
  PayloadTooLargeError,
} from '@drover/core';
import {
  batchPath,
  decodeBatch,
  decodeFlow,
  encodeBatch,
  encodeNotes,
  encodeResult,
  flowPath,
  keyPath,
  notePath,
  planHash,
  planPath,
  resultPath,
  type BatchHeader,
  type FlowRecord,
  type NoteRecord,
} from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import {
  ClientClosedError,
  flow,
  FlowCancelledError,
  FlowFailedError,
  ItemsRemovedError,
  RunNotFoundError,
  RunTimeoutError,
  type Run,
  TooManyItemsError,
} from '../src/index.js';
import { collect, world } from './client.js';

const newId = batchIds(() => Date.now(), Math.random);

const sums = flow<
  { files: Iterable<string> | AsyncIterable<string>; day: string; at?: string },
  { day: string; sum: number }
>('sums', (f) => {
  const parsed = f.map('parse', 'parse', f.input.files, { concurrency: 3, priority: 4 });
  const sum = f.reduce('merge', 'merge', parsed, { arity: 2 });
  return { day: f.input.day, sum: sum.result as unknown };
});
const days = flow<{ day: number; at: string }>('days', (f) => {
  f.until('morning', f.input.at);
  f.step('one', 'one', f.input.day);
});

async function recordOf(zk: ZooKeeper, run: string): Promise<FlowRecord> {
  const path = flowPath(parseTaskId(run)?.batch ?? '');
  return decodeFlow(path, (await zk.get(path)).data);
}

async function drafts(zk: ZooKeeper, flowId: string): Promise<{ header: BatchHeader; items: unknown[] }[]> {
  const found: { header: BatchHeader; items: unknown[] }[] = [];
  for (const bucket of await zk.children('/tasks'))
    for (const name of await zk.children(`/tasks/${bucket}`)) {
      const path = `/tasks/${bucket}/${name}`;
      const { header, payload } = decodeBatch(path, (await zk.get(path)).data);
      if (header.draft?.flow !== flowId) continue;
      found.push({
        header,
        items: Array.from({ length: header.count }, (_, n) => JSON.parse(payload(n) ?? '') as unknown),
      });
    }
  return found.sort((a, b) => (a.header.draft?.from ?? 0) - (b.header.draft?.from ?? 0));
}

/** The leader notes something of a run's flow. */
async function note(zk: ZooKeeper, run: string, n: number, ...notes: NoteRecord[]): Promise<void> {
  await zk.create(notePath(parseTaskId(run)?.batch ?? '', `e1-${n}`), encodeNotes(notes));
}

/** A task that has succeeded. */
async function ended(zk: ZooKeeper, result: unknown): Promise<string> {
  const id = newId();
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 'x', count: 1 }];
  await zk.create(batchPath(id), encodeBatch({ queue: 'q', count: 1, groups, at: 0, client: 'l' }, ['null']));
  const header = { worker: 'w', attempt: 1, at: 0, ends: [{ from: 0, to: 1, outcome: 'succeeded' as const }] };
  await zk.create(resultPath(id, 'e1-0.ok'), encodeResult(header, [JSON.stringify({ result, ms: 1 })]));
  return id;
}

test('a start writes the items, the plan and the run, with what its steps inherit', async (t) => {
  const { drover, cluster } = await world(t, { name: 'tester' });
  const { zk } = cluster;
  const options = { queue: 'q', tenant: 'acme', deadline: '1h' } as const;
  const run = await drover.start(sums, { files: ['a', 'b', 'c'], day: 'mon' }, options);
  t.false(run.deduplicated);
  const { header, inputs } = await recordOf(zk, run.id);
  t.like(header, {
    ...{ name: 'sums', plan: planHash(sums.text), count: 1, client: 'tester', queue: 'q' },
    ...{ options: { tenant: 'acme' }, deadlineMs: 3_600_000, maps: [['parse', 0, 3]] },
  });
  t.deepEqual(inputs, ['{"files":null,"day":"mon"}']);
  t.is((await zk.get(planPath(planHash(sums.text)))).data.toString(), sums.text);
  const flowId = parseTaskId(run.id)?.batch ?? '';
  const [draft, ...others] = await drafts(zk, flowId);
  t.is(others.length, 0);
  t.deepEqual(draft?.items, ['a', 'b', 'c']);
  t.like(draft?.header, { queue: 'q', draft: { flow: flowId, run: 0, step: 'parse', from: 0 } });
  t.like(draft?.header.groups[0], { type: 'parse', tenant: 'acme', priority: 4, limits: [`~sums.parse/${run.id}`] });
  // The plan is there: another run names it.
  await drover.start(sums, { files: [], day: 'tue' });
  t.is((await zk.children('/plans')).length, 1);
});

test('items may come from an async iterable, and are read as fast as they are written', async (t) => {
  const { drover, cluster } = await world(t);
  async function* files(): AsyncGenerator<string> {
    for (let n = 0; n < 2_345; n++) yield await Promise.resolve(`file ${n}`);
  }
  const run = await drover.map('count', files(), { maxAttempts: 5 }).reduce('merge', { arity: 10 }).run({ queue: 'q' });
  const written = await drafts(cluster.zk, parseTaskId(run.id)?.batch ?? '');
  t.deepEqual(
    written.flatMap(({ items }) => items),
    Array.from({ length: 2_345 }, (_, n) => `file ${n}`),
  );
  const { header } = await recordOf(cluster.zk, run.id);
  t.deepEqual(header.maps, [['map', 0, 2_345]]);
  t.is(header.name, 'map-count-merge');
});

test('a sharded task is an item for each shard', async (t) => {
  const { drover, cluster } = await world(t);
  const run = await drover.sharded('reindex', { index: 'products' }, { shards: 64, queue: 'q' });
  const [draft] = await drafts(cluster.zk, parseTaskId(run.id)?.batch ?? '');
  t.like(draft?.header, { count: 64, draft: { shards: 64, from: 0 } });
  t.deepEqual(draft?.items[63], { index: 'products' });
  await t.throwsAsync(drover.sharded('reindex', null, { shards: 0 }), { instanceOf: InvalidArgumentError });
});

test('what makes no sense is refused, and nothing is written', async (t) => {
  const { drover, cluster } = await world(t);
  const at = '2026-11-28T09:00:00Z';
  const refused = [
    [() => drover.start(sums, { day: 'mon' } as never), InvalidArgumentError],
    [() => drover.start(days, { day: 1, at: 'never' }), InvalidArgumentError],
    [() => drover.start({} as never), InvalidArgumentError],
    [() => drover.start(days, { day: 1, at }, { colour: 'red' } as never), InvalidArgumentError],
    [() => drover.start(days, { day: 1, at }, { items: { nothing: [] } }), InvalidArgumentError],
    [() => drover.start(days, { day: 'x'.repeat(LIMITS.payloadBytes), at } as never), PayloadTooLargeError],
    [() => drover.start(days, { day: 1, at }, { limits: ['no-such'] }), Error],
  ] as const;
  for (const [start, expected] of refused) await t.throwsAsync(async () => start(), { instanceOf: expected });
  await t.throwsAsync(drover.map('count', Array(1_000_001).fill(1)).run(), { instanceOf: TooManyItemsError });
  const buckets = await cluster.zk.children('/flows');
  const flows = await Promise.all(buckets.map((bucket) => cluster.zk.children(`/flows/${bucket}`)));
  t.deepEqual(flows.flat(), []);
});

test('a run whose items were removed before its start is not started', async (t) => {
  const { drover, cluster } = await world(t);
  const removeAll = async (): Promise<void> => {
    for (const bucket of await cluster.zk.children('/tasks'))
      for (const name of await cluster.zk.children(`/tasks/${bucket}`))
        await cluster.zk.delete(`/tasks/${bucket}/${name}`);
  };
  // 500 items are a draft, which the leader removes while the rest is awaited.
  async function* files(): AsyncGenerator<string> {
    for (let n = 0; n <= 1_000; n++) yield `file-${n}`;
    while ((await bucketed(cluster.zk)) < 2);
    await removeAll();
    yield 'the last';
  }
  await t.throwsAsync(drover.start(sums, { files: files(), day: 'mon' }), { instanceOf: ItemsRemovedError });
  const buckets = await cluster.zk.children('/flows');
  t.deepEqual((await Promise.all(buckets.map((bucket) => cluster.zk.children(`/flows/${bucket}`)))).flat(), []);
});

async function bucketed(zk: ZooKeeper): Promise<number> {
  const buckets = await zk.children('/tasks');
  return (await Promise.all(buckets.map((bucket) => zk.children(`/tasks/${bucket}`)))).flat().length;
}

test('many starts share znodes, and come out in their order', async (t) => {
  const { drover, cluster } = await world(t);
  async function* inputs(): AsyncGenerator<{ day: number; at: string }> {
    for (let day = 0; day < 1_201; day++) {
      if (day === 600) await new Promise((resolve) => setImmediate(resolve));
      yield { day, at: new Date(day).toISOString() };
    }
  }
  const runs = await collect(drover.startMany(days, inputs(), { tenant: 'acme' }));
  t.is(runs.length, 1_201);
  const ids = runs.map(({ id }) => id);
  for (const n of [0, 500, 1_200]) {
    const { header, inputs: written } = await recordOf(cluster.zk, ids[n] ?? '');
    const { index = 0 } = parseTaskId(ids[n] ?? '') ?? {};
    t.like(JSON.parse(written[index] ?? ''), { day: n });
    t.is(header.times?.morning?.[index], n);
  }
});

test('an input that is refused ends many starts, after the runs that are stored', async (t) => {
  const { drover } = await world(t);
  const at = '2026-11-28T09:00:00Z';
  const runs: string[] = [];
  const inputs = [
    { day: 1, at },
    { day: 2, at },
    { day: 3, at: 'never' },
    { day: 4, at },
  ];
  const all = async (): Promise<void> => {
    for await (const { id } of drover.startMany(days, inputs)) runs.push(id);
  };
  await t.throwsAsync(all(), { instanceOf: InvalidArgumentError });
  t.is(runs.length, 2);
});

test('of starts with one key the first counts, until its key is let go', async (t) => {
  const { drover, cluster } = await world(t);
  const start = (): ReturnType<typeof drover.start> =>
    drover.start(days, { day: 1, at: '2026-11-28T09:00:00Z' }, { unique: { key: 'monday' } });
  const runs = await Promise.all([start(), start(), start()]);
  t.is(new Set(runs.map(({ id }) => id)).size, 1);
  t.deepEqual(runs.map(({ deduplicated }) => deduplicated).sort(), [false, true, true]);
  t.is((await recordOf(cluster.zk, runs[0].id)).header.key, 'monday');
  await cluster.zk.delete(keyPath('flow:days', 'monday'));
  t.false((await start()).deduplicated);
});

test('a result is made of what the notes of the leader name', async (t) => {
  const { drover, cluster } = await world(t);
  const run = await drover.start(sums, { files: ['a'], day: 'mon' });
  const result = run.result();
  const again = drover.flowRun(run.id).result();
  const batch = await ended(cluster.zk, 42);
  await note(cluster.zk, run.id, 1, { kind: 'waits', step: 'x', gen: 0, runs: [[0, 1]], at: 0 });
  await note(cluster.zk, run.id, 2, {
    kind: 'ended',
    ends: [[0, 1, 'succeeded']],
    outputs: [['merge', 0, batch, 0, 1]],
    at: 0,
  });
  t.deepEqual(await result, { day: 'mon', sum: 42 });
  t.deepEqual(await again, { day: 'mon', sum: 42 });
  t.deepEqual(await run.result({ timeout: '1m' }), { day: 'mon', sum: 42 });
});

test('a run that failed, was cancelled or is not there says so', async (t) => {
  const { drover, cluster } = await world(t, { commandTimeout: 50 });
  const at = '2026-11-28T09:00:00Z';
  const runs = await collect(
    drover.startMany(
      days,
      [1, 2, 3].map((day) => ({ day, at })),
    ),
  );
  const [failed, cancelled, open] = runs as [Run, Run, Run];
  await note(cluster.zk, failed.id, 1, {
    ...{ kind: 'ended', at: 0 },
    ends: [
      [0, 1, 'failed', 'the deadline is over'],
      [1, 2, 'cancelled', 'by Ada'],
    ],
  });
  const failure = await t.throwsAsync(failed.result(), { instanceOf: FlowFailedError });
  t.is(failure.message, `run ${failed.id} failed; the deadline is over`);
  await t.throwsAsync(cancelled.result(), { instanceOf: FlowCancelledError, message: /by Ada/ });
  await t.throwsAsync(open.result({ timeout: 20 }), { instanceOf: RunTimeoutError });
  const signal = AbortSignal.abort(new Error('left'));
  await t.throwsAsync(open.result({ signal }), { message: 'left' });
  await t.throwsAsync(drover.flowRun(`${newId()}.0`).result(), { instanceOf: RunNotFoundError });
  t.throws(() => drover.flowRun('x'), { instanceOf: InvalidArgumentError });
  const waiting = t.throwsAsync(open.result(), { instanceOf: ClientClosedError });
  await drover.close();
  await waiting;
});
