import { taskId } from '@drover/core';
import { batchPath, BUCKETS, decodeBatch, encodeRecord, ROOTS } from '@drover/protocol';
import { testServer } from '@drover/testing';
import type { ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { connect, IntakeClosedError, InvalidArgumentError, ServerLimitError, type Drover } from '../src/index.js';
import { client, collect, world } from './client.js';

/** The client without its types, as JavaScript calls it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
const untyped = (drover: Drover): any => drover;

test('of tasks that are submitted together only the bad one is refused, also on a fresh client', async (t) => {
  const { drover, cluster } = await world(t);
  const js = untyped(drover) as { submit(...given: unknown[]): Promise<{ id: string }> };
  const ends = await Promise.allSettled([
    js.submit(undefined, 2),
    drover.submit('echo', 3),
    js.submit('echo', 1, { retry: { jitter: '0.1' } }),
    js.submit('echo', 1, { retry: { delay: '5s' } }),
    drover.submit('echo', 4),
    js.submit('echo', 1, { key: 'a\ud800' }),
    js.submit('echo', 1, { queue: 'a\ud800' }),
  ]);
  t.deepEqual(
    ends.map(({ status }) => status === 'fulfilled'),
    [false, true, false, false, true, false, false],
  );
  for (const end of ends) if (end.status === 'rejected') t.true(end.reason instanceof InvalidArgumentError);
  const [only] = await cluster.batches(1);
  t.deepEqual([only?.batch.payload(0), only?.batch.payload(1)], ['3', '4']);
});

test('names of options that do not exist are refused everywhere, and the message says what was meant', async (t) => {
  const { drover, cluster, zk } = await world(t);
  const js = untyped(drover) as Record<string, (...given: unknown[]) => unknown>;
  const id = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';
  const iterate = (source: unknown) => collect(source as AsyncIterable<unknown>);
  const refused: [hint: RegExp, call: () => unknown][] = [
    [/^unknown option "maxAttempt"; did you mean "maxAttempts"\?$/, () => js.submit?.('a', 1, { maxAttempt: 1 })],
    [/^unknown option "signal"/, () => js.submit?.('a', 1, { signal: undefined })],
    [/^options: expected an object/, () => js.submit?.('a', 1, 'high')],
    [/^unknown option "quue"; did you mean "queue"\?$/, () => iterate(js.submitMany?.([{ type: 'a', quue: 'q' }]))],
    [/^unknown option "timout"; did you mean "timeout"\?$/, async () => iterate(js.submitMany?.([], { timout: 1 }))],
    [/^unknown option "dely"; did you mean "delay"\?$/, async () => iterate(js.run?.([], { dely: 1 }))],
    [/^signal: expected an AbortSignal/, async () => iterate(js.run?.([], { signal: 'now' }))],
    [/^task: expected an object/, () => iterate(js.run?.(['a']))],
    [/^tasks: expected an iterable/, async () => iterate(js.submitMany?.('abc'))],
    [/^unknown option "offset"; expected one of .*state, queue, limit/, () => iterate(js.list?.({ offset: 1 }))],
    [/^unknown option "payloads"; did you mean "payload"\?$/, () => js.get?.(id, { payloads: true })],
    [/^unknown option "timout"; did you mean "timeout"\?$/, () => drover.task(id).result({ timout: 1 } as never)],
    [/^unknown option "resaon"; did you mean "reason"\?$/, () => js.cancel?.([id], { resaon: 'x' })],
    [/^unknown option "because"/, () => js.retry?.([id], { because: 'x' })],
    [/^unknown option "because"/, () => js.pauseQueue?.('q', { because: 'x' })],
    [/^settings: unknown option "wieght"; did you mean "weight"\?$/, () => js.configureQueue?.('q', { wieght: 1 })],
    [/^task ids: expected a list/, () => js.cancel?.(id)],
    [/"sesionTimeout"; did you mean "sessionTimeout"/, () => connect({ zk, sesionTimeout: 1 } as never)],
    [/"sesionTimeout"; did you mean "sessionTimeout"/, () => connect(zk, { sesionTimeout: 1 } as never)],
    [/^limits: unknown option "batchTask"/, () => connect({ zk, limits: { batchTask: 1 } } as never)],
    [/^auth\[0\]: unknown option "credential"/, () => connect({ zk, auth: [{ credential: 'x' }] } as never)],
    [/^name: expected text/, () => connect({ zk, name: 5 } as never)],
    [
      /^handlers.a: unknown option "timout"/,
      () => connect(zk, { handlers: { a: { run: () => 1, timout: 1 } } } as never),
    ],
    [/^schemas.a: expected a schema/, () => connect(zk, { schemas: { a: {} } } as never)],
  ];
  for (const [message, call] of refused)
    await t.throwsAsync(async () => call(), { instanceOf: InvalidArgumentError, message });
  t.is(cluster.seen.length, 0, 'nothing was written');
});

test('a bulk that meets a closed intake yields exactly what is stored, then the error', async (t) => {
  const { drover, cluster } = await world(t, { limits: { batchTasks: 10 } });
  const closed = encodeRecord('intake', { open: false, tasks: 11, bytes: 500, maxTasks: 10, maxBytes: 1_000 });
  function* tasks() {
    for (let n = 0; ; n++) yield { type: 'noop', payload: n, queue: n % 3 === 0 ? 'a' : 'b' };
  }
  const ids: string[] = [];
  const places: number[] = [];
  const error = await t.throwsAsync(async () => {
    for await (const task of drover.submitMany(tasks())) {
      ids.push(task.id);
      places.push(task.index);
      if (ids.length === 100) await cluster.zk.create('/intake', closed);
    }
  });
  t.true(error instanceof IntakeClosedError);
  const stored = await storedTasks(cluster.zk);
  t.deepEqual([...ids].sort(), stored.sort());
  t.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    'in the order given',
  );
});

/** Ids of all tasks that are in ZooKeeper. */
async function storedTasks(zk: ZooKeeper): Promise<string[]> {
  const names = await Promise.all(BUCKETS.map((bucket) => zk.children(`${ROOTS.tasks}/${bucket}`)));
  const batches = names.flat().map(async (id) => {
    const path = batchPath(id);
    const { count } = decodeBatch(path, (await zk.get(path)).data).header;
    return Array.from({ length: count }, (_, index) => taskId(id, index));
  });
  return (await Promise.all(batches)).flat();
}

const BOUND = 60_000;

test('a task above the jute.maxbuffer of the servers is refused by name, those beside it are stored', async (t) => {
  const server = await testServer(t, { javaArguments: [`-Djute.maxbuffer=${BOUND}`] });
  const drover = await client(t, server.connect, { limits: { batchBytes: 250_000 } });
  const large = 'x'.repeat(2 * BOUND);
  const ends = await Promise.allSettled([
    ...Array.from({ length: 20 }, (_, n) => drover.submit('noop', n)),
    drover.submit('echo', large),
    drover.submit('noop', 20, { key: 'k' }),
  ]);
  const [refused, ...others] = ends.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  t.is(others.length, 0);
  t.true(refused?.reason instanceof ServerLimitError);
  t.regex(String(refused?.reason), /'echo' task needs a request of 12\d{4} bytes.*jute\.maxbuffer/s);
  const ids = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value.id] : []));
  t.is(new Set(ids).size, 21);
  const listed = await collect(drover.list({ limit: Infinity }));
  t.deepEqual(listed.map(({ id }) => id).sort(), ids.sort(), 'each once');
});

test('a command that no server accepts is an error at once', async (t) => {
  const server = await testServer(t, { javaArguments: [`-Djute.maxbuffer=${BOUND}`] });
  const drover = await client(t, server.connect);
  const ids = Array.from({ length: 5_000 }, (_, index) => `01JD3V8R2MZ6K4Q7T9XBYC5HNA.${index}`);
  await t.throwsAsync(drover.cancel(ids), { message: /jute\.maxbuffer/ });
});
