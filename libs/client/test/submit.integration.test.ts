import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import test from 'ava';
import { batchPath } from '@drover/protocol';
import { createMetrics, InvalidArgumentError, PayloadTooLargeError, TooManyUnwrittenError } from '../src/index.js';
import { client, collect, world } from './client.js';

test('an acknowledged task is in ZooKeeper with everything that it was submitted with', async (t) => {
  const { drover, cluster } = await world(t, { name: 'tester' });
  const retry = { kind: 'linear', delayMs: 5, maxDelayMs: 50, jitter: 0 } as const;
  const options = { queue: 'images', maxAttempts: 5, timeout: '1m', delay: '2s', retry } as const;
  const task = await drover.submit('resize', { image: 'ä.png' }, options);
  const [{ id, batch } = { id: '', batch: null }] = await cluster.batches(1);
  t.is(task.id, `${id}.0`);
  t.like(batch?.header, { queue: 'images', count: 1, client: 'tester' });
  t.deepEqual(batch?.header.groups, [
    { ...DEFAULT_TASK_OPTIONS, type: 'resize', count: 1, maxAttempts: 5, timeoutMs: 60_000, delayMs: 2_000, retry },
  ]);
  t.is(batch?.header.needs, undefined);
  t.is(batch?.payload(0), '{"image":"ä.png"}');
});

test('tasks that need a feature are in batches of their own, which say so', async (t) => {
  const { drover, cluster } = await world(t);
  const options = [
    {},
    { expires: '1m' },
    { deadline: '1h' },
    { expires: '1m', deadline: '1h' },
    { expires: '2m' },
  ] as const;
  await Promise.all(options.map((given) => drover.submit('noop', null, given)));
  const found = (await cluster.batches(4)).map(({ batch: { header } }) => [
    header.count,
    header.needs?.join(' ') ?? '',
  ]);
  t.deepEqual(found.sort(), [[1, ''], [1, 'deadline'], [1, 'deadline expires'], [2, 'expires']]); // prettier-ignore
});

test('a client that is given a registry counts what was acknowledged', async (t) => {
  const metrics = createMetrics();
  const { drover } = await world(t, { metrics });
  await Promise.all([drover.submit('noop'), drover.submit('noop')]);
  t.regex(await metrics.text(), /^drover_submitted_tasks_total 2$/m);
  t.regex(await metrics.text(), /^drover_submit_seconds_count 1$/m);
  t.regex(await metrics.text(), /^drover_unwritten_tasks 0$/m);
  t.regex(await metrics.text(), /^drover_session_changes_total\{state="connected"\} 1$/m);
});

test('what is submitted in one turn is one batch, in its order', async (t) => {
  const { drover, cluster } = await world(t);
  const tasks = await Promise.all(Array.from({ length: 50 }, (_, i) => drover.submit('noop', i)));
  const [only] = await cluster.batches(1);
  t.is(only?.batch.header.count, 50);
  t.deepEqual(
    tasks.map((task) => task.id),
    Array.from({ length: 50 }, (_, i) => `${only?.id ?? ''}.${i}`),
  );
});

test('a batch holds one queue, and no more tasks and bytes than the limits say', async (t) => {
  const { drover, cluster } = await world(t, { limits: { batchTasks: 10, batchBytes: 1_000 } });
  const small = Array.from({ length: 25 }, () => drover.submit('noop', 1));
  const other = Array.from({ length: 3 }, () => drover.submit('noop', 1, { queue: 'other' }));
  const large = [drover.submit('noop', 'x'.repeat(900)), drover.submit('noop', 'x'.repeat(5_000))];
  await Promise.all([...small, ...other, ...large]);
  const batches = await cluster.batches(5);
  const sizes = (queue: string): number[] =>
    batches.filter(({ batch }) => batch.header.queue === queue).map(({ batch }) => batch.header.count);
  t.deepEqual(sizes('other'), [3]);
  t.deepEqual(sizes('default'), [10, 10, 6, 1]);
  for (const { batch } of batches) {
    const { count } = batch.header;
    const bytes = Array.from({ length: count }, (_, i) => batch.payload(i)?.length ?? 0).reduce((a, b) => a + b, 0);
    t.true(count === 1 || (count <= 10 && bytes <= 1_000));
  }
});

test('what is wrong with a task is said before anything is written', async (t) => {
  const { drover, cluster } = await world(t);
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const refused: [string, unknown, object][] = [
    ['no spaces', 1, {}],
    ['noop', 1n, {}],
    ['noop', cycle, {}],
    ['noop', () => 1, {}],
    ['noop', 1, { queue: '../x' }],
    ['noop', 1, { queue: '' }],
    ['noop', 1, { key: '' }],
    ['noop', 1, { key: 'k'.repeat(513) }],
    ['noop', 1, { maxAttempts: 0 }],
    ['noop', 1, { maxAttempts: 1.5 }],
    ['noop', 1, { timeout: 'soon' }],
    ['noop', 1, { timeout: 0 }],
    ['noop', 1, { delay: -1 }],
    ['noop', 1, { retry: { kind: 'sometimes' } }],
    ['noop', 1, { retry: { jitter: 2 } }],
    ['noop', 1, { maxAttemps: 3 }],
  ];
  for (const [type, payload, options] of refused)
    await t.throwsAsync(
      drover.submit(type, payload, options),
      { instanceOf: InvalidArgumentError },
      JSON.stringify(options),
    );
  const tooLarge = await t.throwsAsync(drover.submit('noop', 'x'.repeat(256 * 1024)), {
    instanceOf: PayloadTooLargeError,
  });
  t.is(tooLarge.bytes, 256 * 1024 + 2);
  const task = await drover.submit('noop', 'x'.repeat(256 * 1024 - 2));
  const batches = await cluster.batches(1);
  t.deepEqual(
    batches.map(({ id }) => `${id}.0`),
    [task.id],
    'the first thing written is the task that was accepted',
  );
});

test('no payload is null', async (t) => {
  const { drover, cluster } = await world(t);
  cluster.answer((payload) => ({ outcome: 'succeeded', result: { payload } }));
  t.deepEqual(await (await drover.submit('noop')).result(), { payload: null });
});

test('a key of an unfinished task yields that task: over batches, clients and within one batch', async (t) => {
  const { drover, cluster, zk } = await world(t);
  const first = await drover.submit('noop', 1, { key: 'k' });
  const other = await client(t, zk);
  const again = await other.submit('noop', 2, { key: 'k' });
  t.is(again.id, first.id);
  t.deepEqual([first.deduplicated, again.deduplicated], [false, true]);
  const elsewhere = await other.submit('noop', 3, { key: 'k', queue: 'other' });
  t.not(elsewhere.id, first.id, 'keys belong to a queue');

  const mixed = await Promise.all([
    drover.submit('noop', 'a'),
    drover.submit('noop', 'b', { key: 'k' }),
    drover.submit('noop', 'c', { key: 'new' }),
    drover.submit('noop', 'd', { key: 'new' }),
    drover.submit('noop', 'e'),
  ]);
  t.deepEqual(
    mixed.map((task) => task.deduplicated),
    [false, true, false, true, false],
  );
  t.is(mixed[1].id, first.id);
  t.is(mixed[3].id, mixed[2].id);
  const [, , third] = await cluster.batches(3);
  t.is(third?.batch.header.count, 3);
  t.deepEqual(
    [0, 1, 2].map((i) => third?.batch.payload(i)),
    ['"a"', '"c"', '"e"'],
  );
});

test('submitMany yields every task in order, from plain and from async iterables', async (t) => {
  const { drover, cluster } = await world(t);
  const inputs = Array.from({ length: 1_234 }, (_, i) => ({ type: 'noop', payload: i }));
  async function* slowly(): AsyncGenerator<{ type: string; payload: number }> {
    for (const input of inputs.slice(0, 20)) yield await Promise.resolve(input);
  }
  const tasks = await collect(drover.submitMany(inputs, { queue: 'bulk' }));
  t.is(tasks.length, 1_234);
  const batches = await cluster.batches(new Set(tasks.map(({ id }) => id.split('.')[0])).size);
  const payloads = new Map(
    batches.flatMap(({ id, batch }) =>
      Array.from({ length: batch.header.count }, (_, i): [string, string | undefined] => [
        `${id}.${i}`,
        batch.payload(i),
      ]),
    ),
  );
  t.deepEqual(
    tasks.map(({ id }) => payloads.get(id)),
    inputs.map(({ payload }) => String(payload)),
  );
  t.is((await collect(drover.submitMany(slowly()))).length, 20);
});

test('submitMany reads its source no further ahead than its reader and the limits allow', async (t) => {
  const { drover } = await world(t, { limits: { aheadTasks: 100 } });
  let taken = 0;
  let farewell = false;
  function* endless(): Generator<{ type: string }> {
    try {
      for (;;) {
        taken++;
        yield { type: 'noop' };
      }
    } finally {
      farewell = true;
    }
  }
  let read = 0;
  for await (const task of drover.submitMany(endless())) {
    t.truthy(task.id);
    t.true(taken <= read + 100 + 1);
    if (++read === 1_000) break;
  }
  t.true(farewell, 'the source is told that its reader has left');
});

test('a loop that never awaits is refused beyond the limit, loses nothing below it, and is taken again after it', async (t) => {
  const { drover, cluster } = await world(t, { limits: { unwrittenTasks: 100, batchTasks: 10 } });
  const ends = await Promise.allSettled(Array.from({ length: 130 }, (_, i) => drover.submit('noop', i)));
  t.deepEqual(
    ends.map(({ status }) => status),
    Array.from({ length: 130 }, (_, i) => (i < 100 ? 'fulfilled' : 'rejected')),
  );
  for (const end of ends) if (end.status === 'rejected') t.true(end.reason instanceof TooManyUnwrittenError);
  t.truthy((await drover.submit('noop', 'again')).id);
  const written = (await cluster.batches(11)).reduce((sum, { batch }) => sum + batch.header.count, 0);
  t.is(written, 101);
});

test('an input that is refused ends submitMany after what came before it', async (t) => {
  const { drover } = await world(t);
  const ids: string[] = [];
  const inputs = [{ type: 'noop' }, { type: 'noop' }, { type: 'not a type' }, { type: 'noop' }];
  const reading = (async () => {
    for await (const task of drover.submitMany(inputs)) ids.push(task.id);
  })();
  await t.throwsAsync(reading, { instanceOf: InvalidArgumentError });
  t.is(ids.length, 2);
});

test('close makes what was submitted durable and refuses what comes after', async (t) => {
  const { drover, cluster } = await world(t);
  const submitted = drover.submit('noop', 1);
  await drover.close();
  const task = await submitted;
  t.truthy(await cluster.zk.exists(batchPath(task.id.split('.')[0] ?? '')));
  await t.throwsAsync(drover.submit('noop', 2), { name: 'ClientClosedError' });
  await t.throwsAsync(task.result(), { name: 'ClientClosedError' });
  await drover.close();
});
