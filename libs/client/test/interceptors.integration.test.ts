import type { BatchBeingWritten } from '@drover/core';
import test from 'ava';
import { connect, type ClientInterceptor } from '../src/index.js';
import { collect, world } from './client.js';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const other = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-01';

test('interceptors see tasks and batches before they are written, may trace some of them, and hear how it went', async (t) => {
  const said: unknown[] = [];
  let n = 0;
  const interceptor: ClientInterceptor = {
    submitting: ({ type, queue }) => `${type} ${queue} ${n++}`,
    writing: (batch: BatchBeingWritten) => {
      said.push(Array.from({ length: batch.size }, (_, i) => [batch.idOf(i), batch.carriedBy(i)]));
      for (const index of [0, 1, 3]) batch.setTrace(index, { traceparent });
      batch.setTrace(2, { traceparent: other, tracestate: 'vendor=1' });
      batch.setTrace(3, null);
      t.throws(() => batch.setTrace(4, { traceparent: 'nonsense' }), { message: /traceparent of W3C Trace Context/ });
      t.throws(() => batch.setTrace(5, { traceparent }), { instanceOf: RangeError });
      return { written: (taken) => said.push(`written, ${taken} taken`) };
    },
  };
  const { drover, cluster } = await world(t, { interceptors: [{}, interceptor] });
  const tasks = await collect(drover.submitMany(Array.from({ length: 5 }, () => ({ type: 'noop', queue: 'mail' }))));
  const [{ batch } = { batch: null }] = await cluster.batches(1);
  t.deepEqual(batch?.header.traces, [
    { tasks: [[0, 2]], traceparent },
    { tasks: [[2, 3]], traceparent: other, tracestate: 'vendor=1' },
  ]);
  t.deepEqual(said, [tasks.map(({ id }, i) => [id, `noop mail ${i}`]), 'written, 0 taken']);
});

test('a hook that throws fails the submits that it is about, and no others', async (t) => {
  const { drover } = await world(t, {
    interceptors: [
      {
        submitting: ({ type }) => {
          if (type === 'evil') throw new Error('not this one');
        },
        writing: ({ queue }) => {
          if (queue === 'closed') throw new Error('not this queue');
          return undefined;
        },
      },
    ],
  });
  await t.throwsAsync(drover.submit('evil'), { message: 'not this one' });
  await t.throwsAsync(drover.submit('good', null, { queue: 'closed' }), { message: 'not this queue' });
  await t.notThrowsAsync(drover.submit('good'));
});

test('a key that is taken is told to the observer, and the next write is a batch of its own', async (t) => {
  const said: unknown[] = [];
  const interceptors = [
    { writing: ({ size }: BatchBeingWritten) => ({ written: (taken: number) => said.push([size, taken]) }) },
  ];
  const { drover } = await world(t, { interceptors });
  await drover.submit('noop', null, { key: 'k' });
  await Promise.all([drover.submit('noop', null, { key: 'k' }), drover.submit('noop')]);
  t.deepEqual(said, [[1, 0], [2, 1], [1, 0]]); // prettier-ignore
});

test('without interceptors, and without anything traced, a batch has the same bytes', async (t) => {
  const plain = await world(t, { name: 'c' });
  const hooked = await world(t, { name: 'c', interceptors: [{ writing: () => undefined }] });
  const [a, b] = await Promise.all(
    [plain, hooked].map(async ({ drover, cluster }) => {
      await drover.submit('noop', { n: 1 });
      const [{ batch } = { batch: null }] = await cluster.batches(1);
      return { ...batch?.header, at: 0 };
    }),
  );
  t.deepEqual(a, b);
  t.false('traces' in (a ?? {}));
});

test('interceptors that are none are refused', async (t) => {
  const options = { interceptors: [{ writeing: () => undefined }] } as never;
  await t.throwsAsync(connect('127.0.0.1:1', options), {
    message: /interceptors\[0\]: unknown option "writeing"; did you mean "writing"/,
  });
  await t.throwsAsync(connect('127.0.0.1:1', { interceptors: {} } as never), { message: /interceptors/ });
});

test('a batch under the id of its caller goes with its traces, and a repeated request is told of', async (t) => {
  const said: unknown[] = [];
  const interceptor: ClientInterceptor = {
    submitting: ({ type, queue }) => `${type} ${queue}`,
    writing: (batch) => {
      said.push(Array.from({ length: batch.size }, (_, index) => batch.carriedBy(index)));
      batch.setTrace(batch.size - 1, { traceparent });
      return { written: (taken) => said.push(taken), failed: ({ name }: Error) => said.push(name) };
    },
  };
  const { drover, cluster } = await world(t, { interceptors: [interceptor] });
  const id = '01JD3V8R2MZ6K4Q7T9XBYC5HNA';
  const tasks = ['a', 'b'].map((type) => ({ type, queue: 'mail' }));
  t.true((await drover.putBatch(id, tasks)).created);
  const [{ batch } = { batch: null }] = await cluster.batches(1);
  t.deepEqual(batch?.header.traces, [{ tasks: [[1, 2]], traceparent }]);
  t.false((await drover.putBatch(id, tasks)).created);
  await t.throwsAsync(drover.putBatch(id, [{ type: 'c', queue: 'mail' }]));
  const carried = ['a mail', 'b mail'];
  t.deepEqual(said, [carried, 0, carried, 2, ['c mail'], 'BatchConflictError']);
});
