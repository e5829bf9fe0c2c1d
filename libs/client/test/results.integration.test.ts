import test from 'ava';
import { RecordError, type TaskFailure } from '@drover/core';
import {
  ResultTimeoutError,
  TaskCancelledError,
  TaskFailedError,
  TaskNotFoundError,
  type FinishedTask,
} from '../src/index.js';
import { client, collect, world } from './client.js';

const error: TaskFailure = { name: 'TypeError', message: 'no', retryable: true };
const batchOf = (id: string): string => id.split('.')[0] ?? '';

test('result() gives what the handler returned, whoever asks and whenever', async (t) => {
  const { drover, cluster, zk } = await world(t);
  const task = await drover.submit('noop', 1);
  const early = task.result();
  await cluster.report(batchOf(task.id), [[0, { outcome: 'succeeded', result: { answer: 42 } }]]);
  t.deepEqual(await early, { answer: 42 });
  t.deepEqual(await task.result(), { answer: 42 }, 'asked again');
  const other = await client(t, zk);
  t.deepEqual(await other.task(task.id).result(), { answer: 42 }, 'of another process');
});

test('an attempt that failed and will be retried is no end', async (t) => {
  const { drover, cluster } = await world(t);
  const task = await drover.submit('noop', 1, { maxAttempts: 2 });
  const result = task.result();
  const batch = batchOf(task.id);
  await cluster.report(batch, [[0, { outcome: 'failed', error }]], { attempt: 1 });
  await cluster.report(batch, [[0, { outcome: 'lost' }]], { attempt: 2, part: 'end' });
  await cluster.report(batch, [[0, { outcome: 'returned' }]], { attempt: 3 });
  t.like(await drover.get(task.id), { state: 'pending', attempt: 2 });
  await cluster.report(batch, [[0, { outcome: 'timed-out', error }]], { attempt: 3 });
  const failed = await t.throwsAsync(result, { instanceOf: TaskFailedError });
  t.deepEqual(failed.failure, error);
  t.is(failed.taskId, task.id);
});

test('a failed task that was asked to run again has not ended', async (t) => {
  const { drover, cluster } = await world(t);
  const task = await drover.submit('noop', 1);
  const batch = batchOf(task.id);
  await cluster.report(batch, [[0, { outcome: 'rejected', error }]], { attempt: 1 });
  await t.throwsAsync(task.result(), { instanceOf: TaskFailedError });
  await cluster.report(batch, [[0, { outcome: 'requeued' }]], { attempt: 1, part: 'end' });
  t.like(await drover.get(task.id), { state: 'pending' });
  const again = task.result();
  await cluster.report(batch, [[0, { outcome: 'lost' }]], { attempt: 1, part: 'end' });
  await cluster.report(batch, [[0, { outcome: 'succeeded', result: 'ok' }]], { attempt: 2 });
  t.is(await again, 'ok', 'and a late word on the attempt that has ended is none');
  t.like(await drover.get(task.id), { state: 'succeeded', result: 'ok', attempt: 2 });
});

test('rejected and cancelled tasks say so', async (t) => {
  const { drover, cluster } = await world(t);
  const [rejected, cancelled] = await Promise.all([drover.submit('noop'), drover.submit('noop')]);
  const results = [rejected.result(), cancelled.result()] as const;
  await cluster.report(batchOf(rejected.id), [
    [0, { outcome: 'rejected', error }],
    [1, { outcome: 'cancelled' }],
  ]);
  await t.throwsAsync(results[0], { instanceOf: TaskFailedError });
  await t.throwsAsync(results[1], { instanceOf: TaskCancelledError });
});

test('each result znode is read once, however many wait for its tasks', async (t) => {
  const { drover, cluster } = await world(t);
  const tasks = await Promise.all(Array.from({ length: 20 }, (_, i) => drover.submit('noop', i)));
  cluster.answer((payload) => ({ outcome: 'succeeded', result: payload }));
  const results = tasks.map((task) => task.result());
  const ends = tasks.map((_, i): [number, { outcome: 'succeeded'; result: number }] => [
    i,
    { outcome: 'succeeded', result: i },
  ]);
  await cluster.report(batchOf(tasks[0]!.id), ends.slice(0, 10));
  await cluster.report(batchOf(tasks[0]!.id), ends.slice(10));
  t.deepEqual(
    await Promise.all(results),
    tasks.map((_, i) => i),
  );
});

test('tasks that are awaited one after the other find what was read for the first', async (t) => {
  const { drover, cluster } = await world(t);
  cluster.echo();
  const tasks = await collect(drover.submitMany(Array.from({ length: 600 }, (_, i) => ({ type: 'noop', payload: i }))));
  for (const [i, task] of tasks.entries()) t.is(await task.result(), i);
});

test('results that are too large to be kept are read again when they are asked for', async (t) => {
  const { drover, cluster } = await world(t, { limits: { keptResultBytes: 1_000 } });
  cluster.answer((payload) => ({ outcome: 'succeeded', result: `${String(payload)}:${'x'.repeat(600)}` }));
  const tasks = await Promise.all(Array.from({ length: 8 }, (_, i) => drover.submit('noop', i)));
  for (const [i, task] of tasks.entries()) t.is(((await task.result()) as string).split(':')[0], String(i));
});

test('a task that is not there, or whose batch is removed while it is awaited, is not found', async (t) => {
  const { drover, cluster } = await world(t);
  const task = await drover.submit('noop');
  const waiting = task.result();
  await t.throwsAsync(drover.task(`${batchOf(task.id)}.7`).result(), { instanceOf: TaskNotFoundError });
  await t.throwsAsync(drover.task('01J00000000000000000000000.0').result(), { instanceOf: TaskNotFoundError });
  await t.throwsAsync(drover.get('01J00000000000000000000000.0'), { instanceOf: TaskNotFoundError });
  await cluster.remove(batchOf(task.id));
  await t.throwsAsync(waiting, { instanceOf: TaskNotFoundError });
  t.throws(() => drover.task('what'), { name: 'InvalidArgumentError' });
});

test('a wait ends with its timeout or its signal, and the task goes on', async (t) => {
  const { drover, cluster } = await world(t);
  const task = await drover.submit('noop');
  await t.throwsAsync(task.result({ timeout: 20 }), { instanceOf: ResultTimeoutError });
  const reason = new Error('enough');
  const controller = new AbortController();
  const waiting = task.result({ signal: controller.signal });
  controller.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
  t.is(await t.throwsAsync(task.result({ signal: controller.signal })), reason, 'aborted before');
  await t.throwsAsync(task.result({ timeout: 'soon' as never }), { name: 'InvalidArgumentError' });
  await cluster.report(batchOf(task.id), [[0, { outcome: 'succeeded', result: 1 }]]);
  t.is(await task.result({ timeout: '1m', signal: new AbortController().signal }), 1);
});

test('durations above 24.8 days are waited for, not over at once', async (t) => {
  const { drover, cluster } = await world(t, { connectTimeout: '30d', commandTimeout: '1 week' });
  const task = await drover.submit('noop');
  const result = task.result({ timeout: '30 days' });
  await cluster.report(batchOf(task.id), [[0, { outcome: 'succeeded', result: 1 }]]);
  t.is(await result, 1);
});

test('run yields every task once when it has ended, with its place in the inputs', async (t) => {
  const { drover, cluster } = await world(t, { limits: { aheadTasks: 300 } });
  cluster.answer((payload) => {
    const i = payload as number;
    return i % 10 === 0
      ? { outcome: 'rejected', error }
      : i % 10 === 1
        ? { outcome: 'cancelled' }
        : { outcome: 'succeeded', result: i };
  });
  function* inputs(): Generator<{ type: string; payload: number }> {
    for (let i = 0; i < 1_000; i++) yield { type: 'noop', payload: i };
  }
  const finished = await collect(drover.run(inputs()));
  finished.sort((a, b) => a.index - b.index);
  t.deepEqual(
    finished.map(({ index }) => index),
    Array.from({ length: 1_000 }, (_, i) => i),
  );
  const stateOf = (i: number): FinishedTask['state'] =>
    i % 10 === 0 ? 'failed' : i % 10 === 1 ? 'cancelled' : 'succeeded';
  for (const done of finished) {
    t.is(done.state, stateOf(done.index));
    if (done.state === 'succeeded') t.is(done.result, done.index);
    t.is(done.worker, 'w1');
  }
});

test('run reads its source no further ahead than a slow reader and the limits allow, though all of it has ended', async (t) => {
  const { drover, cluster } = await world(t, { limits: { aheadTasks: 100, batchTasks: 50 } });
  cluster.echo();
  let taken = 0;
  function* many(): Generator<{ type: string; payload: number }> {
    while (taken < 500) yield { type: 'noop', payload: taken++ };
  }
  let read = 0;
  for await (const done of drover.run(many())) {
    t.is(done.state, 'succeeded');
    t.true(taken <= read + 100 + 1, `${taken} taken, ${read} read`);
    // It comes back for the next when all that was taken has long been answered.
    if (read % 100 === 0) await cluster.batches(Math.floor(taken / 50));
    read++;
  }
  t.is(read, 500);
});

test('an input that is refused ends run after what came before it has ended', async (t) => {
  const { drover, cluster } = await world(t);
  cluster.echo();
  let ended = 0;
  const running = (async () => {
    for await (const done of drover.run([{ type: 'noop' }, { type: 'noop', payload: 1n }]))
      ended += Number(done.state === 'succeeded');
  })();
  await t.throwsAsync(running, { name: 'InvalidArgumentError' });
  t.is(ended, 1);
});

test('run ends with its signal, and leaving it early leaves the tasks', async (t) => {
  const { drover, cluster } = await world(t);
  const controller = new AbortController();
  const aborted = collect(drover.run([{ type: 'noop' }], { signal: controller.signal }));
  await cluster.batches(1);
  controller.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  cluster.echo();
  for await (const done of drover.run([{ type: 'noop' }, { type: 'noop' }])) {
    t.is(done.state, 'succeeded');
    break;
  }
  t.is((await cluster.batches(2))[1]?.batch.header.count, 2);
});

test('close ends every wait', async (t) => {
  const { drover } = await world(t);
  const task = await drover.submit('noop');
  const waiting = [task.result(), collect(drover.run([{ type: 'noop' }]))];
  const ended = waiting.map((each) => t.throwsAsync(each as Promise<unknown>, { name: 'ClientClosedError' }));
  await drover.close();
  await Promise.all(ended);
});

test('a result that cannot be read is an error to who waits for it, before and after the batch was finished', async (t) => {
  const { drover, cluster, zk } = await world(t);
  const task = await drover.submit('noop', 1);
  const waiting = task.result();
  await cluster.finishWithGarbage(batchOf(task.id));
  const error = await t.throwsAsync(waiting, { instanceOf: RecordError });
  t.regex(error.message, /e1-1\.ok.*cannot be read/);
  const other = await client(t, zk);
  await t.throwsAsync(other.task(task.id).result(), { instanceOf: RecordError });
  t.like(await drover.get(task.id), { state: 'succeeded' });
});
