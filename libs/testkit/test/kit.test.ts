import {
  CommandRefusedError,
  defineHandlers,
  TaskCancelledError,
  TaskFailedError,
  type TaskContext,
} from '@drover/client';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { RejectTaskError } from '@drover/worker';
import { HandlersStillRunError, testDrover, type TestDrover } from '../src/index.js';

const handlers = defineHandlers<{
  double: [number, number];
  flaky: [{ fails: number }, number];
  waits: [null, string];
  rejects: [null, null];
  slow: [{ ms: number }, string];
}>({
  double: (n) => n * 2,
  flaky: ({ fails }, { attempt }) => {
    if (attempt <= fails) throw new Error(`attempt ${attempt} fails`);
    return attempt;
  },
  waits: (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  rejects: () => {
    throw new RejectTaskError('never');
  },
  slow: ({ ms }) => new Promise((resolve) => setTimeout(() => resolve('done'), ms)),
});

async function open(
  t: ExecutionContext,
  given: object = handlers,
  patience?: number,
): Promise<TestDrover<typeof handlers>> {
  const kit = await testDrover({ handlers: given as typeof handlers, ...(patience === undefined ? {} : { patience }) });
  t.teardown(() => kit.close());
  return kit;
}

test('what is submitted runs by itself, and the clock does not move for it', async (t) => {
  const { drover, clock } = await open(t);
  const before = clock.now;
  const task = await drover.submit('double', 21);
  t.is(await task.result(), 42);
  t.true(clock.now - before < 100);
});

test('handlers run on real timers, and settle waits for them', async (t) => {
  const { drover, settle, clock } = await open(t);
  const before = clock.now;
  const task = await drover.submit('slow', { ms: 30 });
  await settle();
  t.is((await drover.get(task.id)).state, 'succeeded');
  t.true(clock.now - before < 100);
});

test('retries wait for the clock, each for its delay', async (t) => {
  const { drover, clock, settle } = await open(t);
  const retry = { kind: 'constant', delayMs: 60_000, maxDelayMs: 60_000, jitter: 0 } as const;
  const task = await drover.submit('flaky', { fails: 2 }, { maxAttempts: 3, retry });
  await settle();
  t.like(await drover.get(task.id), { state: 'retrying' });
  await clock.advance('59s');
  t.like(await drover.get(task.id), { state: 'retrying' });
  await clock.advance('2s');
  t.like(await drover.get(task.id), { state: 'retrying', attempt: 2 });
  await clock.advance('1m');
  t.is(await task.result(), 3);
});

test('one move of the clock carries a task through all its attempts', async (t) => {
  const { drover, clock } = await open(t);
  const task = await drover.submit('flaky', { fails: 9 }, { maxAttempts: 4 });
  await clock.advance('1h');
  const error = await t.throwsAsync(task.result(), { instanceOf: TaskFailedError });
  t.regex(error.message, /attempt 4 fails/);
});

test('a delay', async (t) => {
  const { drover, clock } = await open(t);
  const task = await drover.submit('double', 1, { delay: '30d' });
  await clock.advance('29d');
  t.is((await drover.get(task.id)).state, 'scheduled');
  await clock.advance('1d');
  t.is(await task.result(), 2);
});

test('a timeout is of the clock, and a handler that waits for it is not waited for', async (t) => {
  const { drover, clock } = await open(t, handlers, 20);
  const task = await drover.submit('waits', null, { timeout: '10s', maxAttempts: 1 });
  await clock.advance('9s');
  t.is((await drover.get(task.id)).state, 'running');
  await clock.advance('2s');
  await t.throwsAsync(task.result(), { instanceOf: TaskFailedError, message: /10000|10s|10 s/ });
});

test('a handler that takes real time is not timed out by a move of the clock', async (t) => {
  const { drover, clock } = await open(t, handlers, 60_000);
  const task = await drover.submit('slow', { ms: 20 }, { timeout: '1s', maxAttempts: 1 });
  await clock.advance('1m');
  t.is(await task.result(), 'done');
});

test('cancel, of what runs and of what waits', async (t) => {
  const { drover, settle } = await open(t, handlers, 20);
  const running = await drover.submit('waits', null);
  const waiting = await drover.submit('double', 1, { delay: '1h' });
  await running.cancel();
  await waiting.cancel();
  await settle();
  await t.throwsAsync(running.result(), { instanceOf: TaskCancelledError });
  await t.throwsAsync(waiting.result(), { instanceOf: TaskCancelledError });
});

test('a rejected task is not tried again; retry runs it again', async (t) => {
  const { drover } = await open(t);
  const task = await drover.submit('rejects', null);
  await t.throwsAsync(task.result(), { instanceOf: TaskFailedError, message: /never/ });
  await drover.retry([task.id]);
  await t.throwsAsync(task.result(), { instanceOf: TaskFailedError });
  t.is((await drover.get(task.id)).state, 'failed');
});

test('a key holds while its task is unfinished', async (t) => {
  const { drover, clock } = await open(t);
  const first = await drover.submit('double', 1, { key: 'k', delay: '1m' });
  const second = await drover.submit('double', 2, { key: 'k' });
  t.is(second.id, first.id);
  await clock.advance('1m');
  t.is(await second.result(), 2);
  const third = await drover.submit('double', 3, { key: 'k' });
  t.false(third.deduplicated);
  t.is(await third.result(), 6);
});

test('many, as they finish', async (t) => {
  const { drover } = await open(t);
  let sum = 0;
  const tasks = Array.from({ length: 1_000 }, (_, i) => ({ type: 'double' as const, payload: i }));
  for await (const done of drover.run(tasks)) sum += done.state === 'succeeded' ? done.result : Number.NaN;
  t.is(sum, 999_000);
});

test('a paused queue holds its tasks back', async (t) => {
  const { drover, settle } = await open(t);
  await drover.pauseQueue('default');
  const task = await drover.submit('double', 4);
  await settle();
  t.is((await drover.get(task.id)).state, 'pending');
  await drover.resumeQueue('default');
  t.is(await task.result(), 8);
});

test('the views are those of production', async (t) => {
  const { drover, clock } = await open(t);
  await (await drover.submit('double', 4)).result();
  await clock.advance('1m');
  const status = await drover.status();
  t.is(status.workers.length, 1);
  t.is(status.leader?.id, 'test');
  await t.throwsAsync(drover.drain('nobody'), { any: true });
  t.truthy(CommandRefusedError);
});

test('settle says which handlers it has waited for in vain', async (t) => {
  const { drover, settle } = await open(t, handlers, 10);
  const task = await drover.submit('waits', null);
  const error = await t.throwsAsync(settle(), { instanceOf: HandlersStillRunError });
  t.true(error.message.includes(`'waits' (task ${task.id}, attempt 1)`));
});

test('two at a time know nothing of each other', async (t) => {
  const [a, b] = await Promise.all([open(t), open(t)]);
  const task = await a.drover.submit('double', 1, { delay: '1m' });
  await b.clock.advance('1h');
  t.is((await a.drover.get(task.id)).state, 'scheduled');
  await t.throwsAsync(b.drover.get(task.id), { name: 'TaskNotFoundError' });
});

test('handlers that are none are named', async (t) => {
  await t.throwsAsync(testDrover({ handlers: { a: 1 } }), { instanceOf: TypeError, message: /handler 'a'/ });
});

test('a month with nothing to do is over soon', async (t) => {
  const { drover, clock } = await open(t);
  await clock.advance('30d');
  t.is(await (await drover.submit('double', 1)).result(), 2);
});

test('a task that nobody starts in time expires, one that takes too long meets its deadline; both are dead letters', async (t) => {
  const { drover, clock, settle } = await open(t);
  await drover.pauseQueue('idle');
  const waiting = await drover.submit('double', 1, { queue: 'idle', expires: '1m' });
  const hanging = await drover.submit('waits', null, { deadline: '2m', maxAttempts: 5 });
  await clock.advance('59s');
  t.like(await drover.get(waiting.id), {
    state: 'pending',
    expiresAt: (await drover.get(waiting.id)).submittedAt + 60_000,
  });
  await clock.advance('1s');
  const expired = await t.throwsAsync(waiting.result(), { instanceOf: TaskFailedError });
  t.is(expired.failure.name, 'TaskExpired');
  await clock.advance('1m');
  await settle();
  const exceeded = await t.throwsAsync(hanging.result(), { instanceOf: TaskFailedError });
  t.is(exceeded.failure.name, 'DeadlineExceeded');
  const found: string[] = [];
  for await (const { id } of drover.list({ filter: 'error:TaskExpired' })) found.push(id);
  t.deepEqual(found, [waiting.id]);

  await drover.retry([waiting.id]);
  await settle();
  t.like(await drover.get(waiting.id), { state: 'pending' });
  await drover.resumeQueue('idle');
  t.is(await drover.task(waiting.id).result(), 2);
});

test('a hundred that expire in a paused queue all fail in time, and none starts after it; a deadline ends all attempts', async (t) => {
  let begun = 0;
  const { drover, clock, settle, close } = await testDrover({
    handlers: {
      counts: () => ++begun,
      hangs: (_: null, { signal }: TaskContext) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
  });
  t.teardown(close);
  await drover.pauseQueue('idle');
  const options = { queue: 'idle', expires: '1s' } as const;
  const tasks = await Promise.all(Array.from({ length: 100 }, () => drover.submit('counts', undefined, options)));
  const retry = { kind: 'constant', delayMs: 100, maxDelayMs: 100, jitter: 0 } as const;
  const hanging = await drover.submit('hangs', null, { deadline: '2s', timeout: '500ms', maxAttempts: 9, retry });
  await clock.advance('2s');
  const failures = await Promise.all(tasks.map(async ({ id }) => (await drover.get(id)).error?.name));
  t.deepEqual([...new Set(failures)], ['TaskExpired']);
  await drover.resumeQueue('idle');
  await clock.advance('2s');
  await settle();
  t.is(begun, 0);
  const { state, error, submittedAt, finishedAt = Infinity, history } = await drover.get(hanging.id);
  t.like({ state, error }, { state: 'failed', error: { name: 'DeadlineExceeded' } });
  t.true(history.length >= 3, 'it was tried again until then');
  t.true(finishedAt - submittedAt <= 2_000 + 2_000, 'the deadline and the grace');
});

test('a worker runs as many of a type as its handler says, and others beside them', async (t) => {
  let running = 0;
  let most = 0;
  const release: (() => void)[] = [];
  const ocr = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => release.push(resolve));
    running--;
  };
  const { drover, close } = await testDrover({
    handlers: { ocr: { run: ocr, concurrency: 2 }, quick: () => 'done' },
    concurrency: 4,
  });
  t.teardown(close);
  const tasks = await Promise.all(Array.from({ length: 10 }, () => drover.submit('ocr')));
  t.is(await (await drover.submit('quick')).result(), 'done', 'a place is left for it');
  t.like(await drover.workers(), [{ capacity: 4, concurrency: { ocr: 2 } }]);
  const ends = tasks.map((task) => task.result());
  for (let ended = 0; ended < tasks.length; ended += 2) {
    while (release.length < 2) await turn();
    for (const each of release.splice(0)) each();
  }
  await Promise.all(ends);
  t.is(most, 2);
});

test('a limit of a type that is none is refused', async (t) => {
  const run = (): null => null;
  for (const concurrency of [0, 1.5, '2'])
    await t.throwsAsync(testDrover({ handlers: { ocr: { run, concurrency } } }), {
      message: /handler 'ocr': concurrency: expected a whole number from 1/,
    });
});
