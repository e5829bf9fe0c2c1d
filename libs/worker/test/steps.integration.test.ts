import { batchIds, DEFAULT_TASK_OPTIONS, parseTaskId, type BatchId } from '@drover/core';
import { flow, flowOf, type Flow } from '@drover/flow';
import {
  batchPath,
  decodeBatch,
  decodeFlow,
  decodeResult,
  encodeBatch,
  encodeFlow,
  encodeNotes,
  encodeResult,
  FLOWS,
  flowPath,
  notePath,
  planHash,
  planPath,
  resultPath,
  type BatchHeader,
  type OfRecord,
  type ReadRecord,
  type ResultHeader,
} from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import type { Assigned } from './fake-leader.js';
import { next } from './fixtures/steps.js';
import { startWorld, type World } from './start-worker.js';

const handlers = new URL('./fixtures/steps.js', import.meta.url).href;
const newId = batchIds(() => Date.now(), Math.random);

/** A flow whose plan and inputs are in ZooKeeper. */
async function put(zk: ZooKeeper, of: Flow, inputs: readonly unknown[]): Promise<{ id: BatchId; plan: string }> {
  const id = newId();
  const plan = planHash(of.text);
  await zk.create(planPath(plan), of.text);
  const header = { name: of.name, plan, count: inputs.length, at: 0, client: 'test', options: { tenant: 'acme' } };
  await zk.create(
    flowPath(id),
    encodeFlow(
      { ...header, queue: 'q' },
      inputs.map((input) => JSON.stringify(input)),
    ),
  );
  return { id, plan };
}

/** A batch of tasks with results: of a text the task has failed with it. */
async function ended(zk: ZooKeeper, results: readonly unknown[], parts = 1): Promise<BatchId> {
  const id = newId();
  const count = results.length;
  const header = { queue: 'q', count, groups: [{ ...DEFAULT_TASK_OPTIONS, type: 'x', count }], at: 0, client: 'test' };
  await zk.create(
    batchPath(id),
    encodeBatch(
      header,
      results.map((_, n) => `"payload ${n}"`),
    ),
  );
  const size = Math.ceil(count / parts);
  for (let part = 0; part * size < count; part++) {
    const own = results.slice(part * size, (part + 1) * size);
    const ends = own.map((result, n) => ({
      from: part * size + n,
      to: part * size + n + 1,
      outcome: typeof result === 'string' ? ('failed' as const) : ('succeeded' as const),
    }));
    const lines = own.map((result) =>
      JSON.stringify(
        typeof result === 'string'
          ? { error: { name: 'Error', message: result, retryable: false }, ms: 1 }
          : { result, ms: 1 },
      ),
    );
    const data = encodeResult({ worker: 'w', attempt: 1, at: 0, ends }, lines);
    await zk.create(resultPath(id, `e1-${part}.0`), data);
  }
  return id;
}

/** Hands out a batch of steps. */
async function giveSteps({ leader, id }: World, of: OfRecord[], type: string, tasks: number[]): Promise<Assigned> {
  const batch = newId();
  const count = of.reduce((sum, { runs, items }) => sum + (items ?? runs)[1] - (items ?? runs)[0], 0);
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type, count }];
  const header: BatchHeader = { queue: 'q', count, groups, at: 0, client: 'leader', of, needs: [FLOWS] };
  await leader.zk.create(batchPath(batch), encodeBatch(header, []));
  return leader.assign(id, batch, tasks);
}

async function results({ leader }: World, assigned: Assigned): Promise<unknown[]> {
  const ends = await leader.ends(assigned);
  return ends.map(({ outcome, line }) => {
    if (line === null) return outcome;
    if ('error' in line) return `${outcome}: ${line.error.name}: ${line.error.message}`;
    return 'result' in line ? line.result : line;
  });
}

async function header({ leader }: World, { batch }: Assigned): Promise<ResultHeader> {
  const [name = ''] = await leader.zk.children(batchPath(batch));
  const path = resultPath(batch, name);
  return decodeResult(path, (await leader.zk.get(path)).data).header;
}

const chain = flow<{ day: string }>('chain', (f) => {
  const a = f.step('a', 'x', {});
  const { sum } = a.result as { sum: number };
  const asked = f.approve('ok?');
  const b = f.step('b', 'given', { day: f.input.day, sum, answer: asked.result }, { labels: ['odd'] });
  return b.result;
});

test('a step gets what its plan says: of the input, of results of other batches, of signals', async (t) => {
  const world = await startWorld(t, { handlers });
  const { zk } = world.leader;
  const { id, plan } = await put(zk, chain, [{ day: 'mon' }, { day: 'tue' }, { day: 'wed' }]);
  const batch = await ended(zk, [{ sum: 10 }, { sum: 20 }, 'no'], 2);
  const signal = { kind: 'signal' as const, run: 1, step: 'ok?', answer: 'yes', payload: { note: 'fine' }, at: 0 };
  await zk.create(notePath(id, 'e1-7'), encodeNotes([{ ...signal, run: 0, payload: 1 }, signal]));
  const reads: ReadRecord[] = [
    ['a', 0, batch, 0, 3],
    ['ok?', 1, 'e1-7'],
  ];
  const of = [{ flow: id, plan, step: 'b', runs: [0, 3] as [number, number], gen: 2, reads }];
  const given = await results(world, await giveSteps(world, of, 'given', [1, 2]));
  const place = (run: number): object => ({ run: `${id}.${run}`, name: 'chain', step: 'b', generation: 2 });
  t.deepEqual(given, [
    { payload: { day: 'tue', sum: 20, answer: { note: 'fine' } }, flow: place(1) },
    { payload: { day: 'wed', sum: null, answer: null }, flow: place(2) },
  ]);
});

test('what is gone or is garbage ends its own steps, and no others of the batch', async (t) => {
  const world = await startWorld(t, { handlers });
  const { zk } = world.leader;
  const { id, plan } = await put(zk, chain, [{ day: 'mon' }]);
  const badPlan = 'f'.repeat(32);
  await zk.create(planPath(badPlan), '{"v":1,"name":"x","steps":{"b":{"kind":"task"}}}');
  const runs: [number, number] = [0, 1];
  const gone = newId();
  const of: OfRecord[] = [
    { flow: id, plan, step: 'b', runs },
    { flow: gone, plan, step: 'b', runs },
    { flow: id, plan: 'e'.repeat(32), step: 'b', runs },
    { flow: id, plan: badPlan, step: 'b', runs },
    { flow: id, plan, step: 'zzz', runs },
    { flow: id, plan, step: 'ok?', runs },
    { flow: id, plan, step: 'b', runs, reads: [['a', 0, gone, 0, 1]] },
  ];
  const [good, ...bad] = await results(world, await giveSteps(world, of, 'given', [0, 1, 2, 3, 4, 5, 6]));
  t.like(good, { payload: { day: 'mon', sum: null } });
  t.deepEqual(bad, [
    `rejected: RecordError: ${flowPath(gone)}: is gone: there is no such flow, or retention has removed it`,
    `failed: PlanGoneError: ${planPath('e'.repeat(32))}: is gone: somebody removed the plan of a flow that is there`,
    bad[2],
    `rejected: RecordError: ${planPath(plan)}: has no step 'zzz'`,
    `rejected: RecordError: ${flowPath(id)}: the step 'ok?' has no tasks: it is a signal`,
    `rejected: RecordError: ${batchPath(gone)}: is gone, and with it the results that a step refers to`,
  ]);
  t.regex(String(bad[2]), /^rejected: RecordError: .*cannot be run/);
});

const tree = flow('tree', (f) => {
  const list = f.step('list', 'lists', { count: 1 });
  const parsed = f.map('parse', 'given', list.items, { tolerate: 9 });
  const merged = f.reduce('merge', 'given', parsed, { arity: 2 });
  f.step('sums', 'sums', { all: parsed.results });
  return merged.result;
});

test('a reduce gets results in order, level by level, with the errors of failed items in their places', async (t) => {
  const world = await startWorld(t, { handlers });
  const { zk } = world.leader;
  const { id, plan } = await put(zk, tree, [null]);
  const [a, b] = [await ended(zk, [1, 'broken']), await ended(zk, [99, 3, 4, 5])];
  const items: ReadRecord[] = [
    ['parse', 2, b, 1, 3],
    ['parse', 0, a, 0, 2],
  ];
  const level = (from: number, to: number, reads: ReadRecord[]): OfRecord[] => [
    { flow: id, plan, step: 'merge', runs: [0, 1], items: [from, to], total: 5, reads },
  ];
  const lowest = await giveSteps(world, level(0, 3, items), 'given', [0, 1, 2]);
  const place = (index: number): object => ({ run: `${id}.0`, name: 'tree', step: 'merge', index, generation: 0 });
  t.deepEqual(await results(world, lowest), [
    { payload: { results: [1, { error: { name: 'Error', message: 'broken' } }], level: 0, chunk: 0 }, flow: place(0) },
    { payload: { results: [3, 4], level: 0, chunk: 1 }, flow: place(1) },
    { payload: { results: [5], level: 0, chunk: 2 }, flow: place(2) },
  ]);
  const second = await giveSteps(world, level(3, 5, [['merge', 0, lowest.batch, 0, 3]]), 'echo', [0, 1]);
  const [first, last] = (await results(world, second)) as { results: unknown[]; level: number; chunk: number }[];
  t.like(first, { level: 1, chunk: 0 });
  t.is(first?.results.length, 2);
  t.like(last, { level: 1, chunk: 1 });
  const missing = await giveSteps(world, level(0, 1, [['parse', 1, a, 1, 1]]), 'given', [0]);
  t.regex(String((await results(world, missing))[0]), /nothing says where the result 0 of 'parse' is/);
});

test('ctx.results iterates all results of a map in order, in chunks', async (t) => {
  const world = await startWorld(t, { handlers });
  const { zk } = world.leader;
  const { id, plan } = await put(zk, tree, [null]);
  const batches = await Promise.all([500, 500, 200].map((n, k) => ended(zk, Array(n).fill(k), 3)));
  const reads = batches.map((batch, k): ReadRecord => ['parse', k * 500, batch, 0, k === 2 ? 200 : 500]);
  const of: OfRecord[] = [{ flow: id, plan, step: 'sums', runs: [0, 1], reads }];
  const [sum] = await results(world, await giveSteps(world, of, 'sums', [0]));
  t.deepEqual(sum, { count: 1_200, first: 0, last: 2, sorted: 2 * 1_200 + 1 });
});

const labels = flow('labels', (f) => {
  const a = f.step('a', 'odd', {}, { labels: ['odd', 'even'] });
  f.step('b', 'skips', {}, { after: a.is('odd') });
});

test('a report tells labels, skips and runs that steps became; only declared labels count', async (t) => {
  const world = await startWorld(t, { handlers });
  const { leader } = world;
  const { id, plan } = await put(leader.zk, labels, [1, 2, 3, 4]);
  const of = (step: string): OfRecord[] => [{ flow: id, plan, step, runs: [0, 4] }];
  const labelled = await giveSteps(world, of('a'), 'odd', [0, 1, 3]);
  t.deepEqual(await results(world, labelled), [null, null, null]);
  t.deepEqual((await header(world, labelled)).labels, [
    [0, 2, 'odd'],
    [3, 4, 'odd'],
  ]);
  const wrong = await giveSteps(world, of('a'), 'no-label', [0]);
  t.regex(String((await results(world, wrong))[0]), /one that the step 'a' declares: 'odd', 'even', got "blue"/);
  const skipped = await giveSteps(world, of('b'), 'skips', [0, 1, 3]);
  await leader.ends(skipped);
  t.deepEqual((await header(world, skipped)).skipped, [
    [0, 2],
    [3, 4],
  ]);
  const became = await giveSteps(world, of('a'), 'becomes', [2]);
  await leader.ends(became);
  const [[index, run] = [0, '']] = (await header(world, became)).becomes ?? [];
  t.is(index, 2);
  const path = flowPath(parseTaskId(run)?.batch ?? '');
  const record = decodeFlow(path, (await leader.zk.get(path)).data);
  t.like(record.header, {
    ...{
      name: 'next',
      plan: planHash(next.text),
      ...{ parent: `${became.batch}.2`, depth: 1 },
      queue: 'q',
      options: { tenant: 'acme' },
    },
    ...{ maps: [['each', 0, 2]], times: { then: [Date.UTC(2026, 10, 28, 9)] } },
  });
  t.deepEqual(record.inputs, ['{"files":null,"at":"2026-11-28T09:00:00Z"}']);
  t.is((await leader.zk.get(planPath(planHash(next.text)))).data.toString(), next.text);
  const last = { name: 'x', plan, count: 1, at: 0, client: 'test', parent: run, depth: 100 };
  const end = newId();
  await leader.zk.create(flowPath(end), encodeFlow(last, ['null']));
  const tooLong = await giveSteps(world, [{ flow: end, plan, step: 'a', runs: [0, 1] }], 'becomes', [0]);
  t.regex(String((await results(world, tooLong))[0]), /^rejected: ChainTooLongError: 100 runs have become each other/);
  const plain = await leader.give(world.id, [{ type: 'skips' }]);
  t.regex(String((await results(world, plain))[0]), /a task that is a step of a flow: this one is none/);
});

/** Drafts of an assignment, in the order of their items. */
async function drafts({ leader }: World, assigned: Assigned): Promise<{ header: BatchHeader; payloads: string[] }[]> {
  const found: { header: BatchHeader; payloads: string[] }[] = [];
  for (const bucket of await leader.zk.children('/tasks'))
    for (const name of await leader.zk.children(`/tasks/${bucket}`)) {
      const path = `/tasks/${bucket}/${name}`;
      const { header: read, payload } = decodeBatch(path, (await leader.zk.get(path)).data);
      if (read.draft?.by !== assigned.name) continue;
      found.push({ header: read, payloads: Array.from({ length: read.count }, (_, n) => payload(n) ?? '') });
    }
  return found.sort((a, b) => (a.header.draft?.from ?? 0) - (b.header.draft?.from ?? 0));
}

for (const [type, count] of [
  ['lists', 0],
  ['lists', 1_203],
  ['streams', 10_000],
] as const) {
  test(`'${type}' gives ${count} items: they are drafts, and the report says how many`, async (t) => {
    const world = await startWorld(t, { handlers });
    const of = flowOf({
      ...{ v: 1 as const, name: 'fan' },
      steps: {
        list: { kind: 'task', type, input: { count: { $input: ['count'] } }, expand: 'parse' },
        parse: {
          ...{ kind: 'map' as const, type: 'given', items: { step: 'list' } },
          ...{ options: { priority: 2 }, concurrency: 3, after: { all: [{ step: 'list' }] } },
        },
      },
    });
    const { id, plan } = await put(world.leader.zk, of, [{ count }]);
    const assigned = await giveSteps(world, [{ flow: id, plan, step: 'list', runs: [0, 1], gen: 1 }], type, [0]);
    t.deepEqual(await results(world, assigned), [{ items: count }]);
    t.deepEqual((await header(world, assigned)).expanded, [[0, count]]);
    const written = await drafts(world, assigned);
    t.deepEqual(
      written.flatMap(({ payloads }) => payloads),
      Array.from({ length: count }, (_, n) => (type === 'lists' ? `{"n":${n}}` : `${n}`)),
    );
    for (const { header: draft } of written) {
      t.like(draft, { queue: 'q', draft: { flow: id, run: 0, step: 'parse', gen: 1 }, needs: ['flows', 'limits'] });
      t.like(draft.groups[0], { type: 'given', tenant: 'acme', priority: 2, limits: [`~fan.parse/${id}.0`] });
    }
  });
}

for (const [type, message] of [
  ['lists-none', /^rejected: NotAListError: the handler gave 7/],
  ['lists-bad', /^rejected: ResultNotJsonError: item 1 of the list/],
] as const) {
  test(`'${type}' is rejected`, async (t) => {
    const world = await startWorld(t, { handlers });
    const { id, plan } = await put(world.leader.zk, tree, [null]);
    const [end] = await results(
      world,
      await giveSteps(world, [{ flow: id, plan, step: 'list', runs: [0, 1] }], type, [0]),
    );
    t.regex(String(end), message);
  });
}

test('a built-in type that gives a list expands too', async (t) => {
  const world = await startWorld(t);
  const of = flow('echoes', (f) => {
    const list = f.step('list', 'echo', [1, 2, 3]);
    f.map('each', 'echo', list.items);
  });
  const { id, plan } = await put(world.leader.zk, of, [null]);
  const assigned = await giveSteps(world, [{ flow: id, plan, step: 'list', runs: [0, 1] }], 'echo', [0]);
  t.deepEqual(await results(world, assigned), [{ items: 3 }]);
  t.deepEqual((await drafts(world, assigned))[0]?.payloads, ['1', '2', '3']);
});

test('an item of a map is told its place; a shard is told which it is', async (t) => {
  const world = await startWorld(t, { handlers });
  const { leader } = world;
  const { id } = await put(leader.zk, tree, [null]);
  const draft = { flow: id, run: 0, step: 'parse', from: 10, shards: 64 };
  const items = [{ type: 'given', payload: 'a' }, { type: 'given' }];
  const assigned = await leader.give(world.id, items, 1, { draft, needs: [FLOWS] });
  const place = (index: number): object => ({ run: `${id}.0`, name: 'tree', step: 'parse', index, generation: 0 });
  t.deepEqual(await results(world, assigned), [
    { payload: 'a', flow: place(10), shard: { index: 10, of: 64 } },
    { payload: null, flow: place(11), shard: { index: 11, of: 64 } },
  ]);
});

test('a later generation of a map gets the items of the first', async (t) => {
  const world = await startWorld(t, { handlers });
  const { id, plan } = await put(world.leader.zk, tree, [null]);
  const before = await ended(world.leader.zk, ['no', 'no', 'no']);
  const of: OfRecord[] = [
    { flow: id, plan, step: 'parse', runs: [0, 1], gen: 1, items: [5, 6], reads: [['parse', 4, before, 1, 2]] },
  ];
  t.like(await results(world, await giveSteps(world, of, 'given', [0])), [{ payload: 'payload 2' }]);
});
