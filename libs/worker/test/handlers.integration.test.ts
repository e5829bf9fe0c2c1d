import { FAILURES, RejectTaskError } from '@drover/core';
import type { TaskEnd } from '@drover/protocol';
import test from 'ava';
import { startWorld } from './start-worker.js';

const handlers = new URL('./fixtures/handlers.js', import.meta.url).href;

/** The error of an end, or its result: what a test compares. */
function told({ outcome, line }: TaskEnd): [outcome: string, what?: unknown] {
  if (line === null) return [outcome];
  if ('error' in line) return [outcome, line.error.name];
  return [outcome, 'result' in line ? line.result : line.winner];
}

for (const [type, expected] of [
  ['throws', ['failed', 'TypeError']],
  ['rejects', ['rejected', new RejectTaskError('').name]],
  ['throws-text', ['failed', FAILURES.THROWN_NON_ERROR]],
  ['function', ['rejected', FAILURES.RESULT_NOT_JSON]],
  ['bigint', ['rejected', FAILURES.RESULT_NOT_JSON]],
  ['cycle', ['rejected', FAILURES.RESULT_NOT_JSON]],
  ['huge', ['rejected', FAILURES.RESULT_TOO_LARGE]],
  ['exits', ['failed', FAILURES.HANDLER_EXITED]],
  ['kills-itself', ['failed', FAILURES.HANDLER_EXITED]],
  ['exits-later', ['failed', FAILURES.HANDLER_EXITED]],
  ['throws-in-timer', ['failed', 'Error']],
  ['rejects-in-passing', ['failed', 'Error']],
  ['no-such-type', ['failed', FAILURES.NO_HANDLER]],
  ['own-timeout', ['timed-out', FAILURES.TIMEOUT]],
] as const) {
  test(`'${type}' ends as ${expected.join(', ')}; its neighbours in the thread and the worker go on`, async (t) => {
    const { leader, id } = await startWorld(t, { handlers, graceMs: 50 });
    const neighbour = await leader.give(id, [{ type: 'wait', payload: type }]);
    t.deepEqual(told(await leader.end(await leader.give(id, [{ type }]))), [...expected]);
    await leader.end(await leader.give(id, [{ type: 'noop' }]));
    t.true(await leader.isOut(neighbour));
    // The old thread stays until the other tasks in it have ended; a new thread takes new tasks.
    t.deepEqual(told(await leader.end(await leader.give(id, [{ type: 'double', payload: 21 }]))), ['succeeded', 42]);
  });
}

test('the stack of a failure is that of the handler', async (t) => {
  const { leader, id } = await startWorld(t, { handlers });
  const { line } = await leader.end(await leader.give(id, [{ type: 'throws' }]));
  const stack = line !== null && 'error' in line ? (line.error.stack ?? '') : '';
  t.regex(stack, /^TypeError: on purpose\n +at .*fixtures/);
  t.false(stack.includes('handler-thread'), stack);
});

test('results, fencing token and context reach the handler', async (t) => {
  const { leader, id } = await startWorld(t, { handlers });
  const assigned = await leader.give(id, [{ type: 'context', payload: {} }], 3);
  const end = await leader.end(assigned);
  t.deepEqual(told(end), [
    'succeeded',
    { given: { id: `${assigned.batch}.0`, attempt: 3, fencingToken: String(assigned.zxid), worker: 'w' } },
  ]);
});

test('hundreds of tasks in the thread of the handlers', async (t) => {
  const { leader, id } = await startWorld(t, { handlers });
  const tasks = Array.from({ length: 300 }, (_, i) => ({ type: i % 2 === 0 ? 'double' : 'double-later', payload: i }));
  const ends = await leader.ends(await leader.give(id, tasks));
  t.deepEqual(ends.map(told), tasks.map(({ payload }) => ['succeeded', payload * 2])); // prettier-ignore
});

for (const type of ['blocks', 'blocks-later']) {
  test(`'${type}': the thread is replaced, the task that blocked fails, its neighbour is handed back`, async (t) => {
    const { leader, id, log } = await startWorld(t, { handlers, blockedAfterMs: 4_000 });
    const neighbour = await leader.give(id, [{ type: 'wait', payload: type }]);
    t.deepEqual(told(await leader.end(await leader.give(id, [{ type }]))), ['failed', FAILURES.HANDLER_BLOCKED]);
    t.deepEqual(told(await leader.end(neighbour)), ['returned']);
    t.is((await log.seen('executor.thread-ended')).tasks, 2);
    t.deepEqual(told(await leader.end(await leader.give(id, [{ type: 'double', payload: 1 }]))), ['succeeded', 2]);
  });
}

test('a handler that does not end is abandoned after the grace, and so is one that computes', async (t) => {
  const { leader, id } = await startWorld(t, { handlers, graceMs: 50, computeThreads: 1 });
  for (const type of ['forever', 'compute-blocks']) {
    const assigned = await leader.give(id, [{ type, timeoutMs: 100 }]);
    t.deepEqual(told(await leader.end(assigned)), ['timed-out', FAILURES.TIMEOUT]);
    const silent = await leader.give(id, [{ type, heartbeatMs: 100 }]);
    t.deepEqual(told(await leader.end(silent)), ['timed-out', FAILURES.HEARTBEAT]);
  }
  const next = await leader.give(id, [{ type: 'compute-double', payload: 4 }]);
  t.deepEqual(told(await leader.end(next)), ['succeeded', 8]);
});

test('after a timeout it does not matter what the handler returns', async (t) => {
  const { leader, id } = await startWorld(t, { handlers });
  const assigned = await leader.give(id, [{ type: 'obeys-with-a-result', timeoutMs: 50 }]);
  t.deepEqual(told(await leader.end(assigned)), ['timed-out', FAILURES.TIMEOUT]);
});

test('a compute handler that exits fails alone', async (t) => {
  const { leader, id } = await startWorld(t, { handlers, computeThreads: 1 });
  const assigned = await leader.give(id, [{ type: 'compute-exits' }, { type: 'compute-double', payload: 2 }]);
  const ends = await leader.ends(assigned);
  t.deepEqual(ends.map(told), [['failed', FAILURES.HANDLER_EXITED], ['succeeded', 4]]); // prettier-ignore
});

test('computing tasks that wait for a thread do not hold up others', async (t) => {
  const { leader, id } = await startWorld(t, { handlers, computeThreads: 1, graceMs: 50 });
  const blocked = await leader.give(id, [{ type: 'compute-blocks' }, { type: 'compute-blocks' }]);
  t.deepEqual(told(await leader.end(await leader.give(id, [{ type: 'double', payload: 1 }]))), ['succeeded', 2]);
  t.true(await leader.isOut(blocked));
});

test('the retry policy of the handler, and the word of the error, are in the result', async (t) => {
  const { leader, id } = await startWorld(t, { handlers });
  const retry = { kind: 'constant', delayMs: 5, maxDelayMs: 5, jitter: 0 } as const;
  const ends = await leader.ends(
    await leader.give(id, [{ type: 'own-retry' }, { type: 'busy' }, { type: 'throws' }, { type: 'own-retry', retry }]),
  );
  t.deepEqual(ends.map((end) => end.retryAfterMs), [777, 1234, undefined, undefined]); // prettier-ignore
});

test('progress of a long task is in the own record of the worker, logs go to the log', async (t) => {
  const { leader, id, log } = await startWorld(t, { handlers });
  const assigned = await leader.give(id, [{ type: 'progress' }]);
  const [running] = await leader.until(async () => {
    const record = await leader.record(id);
    return record !== null && record.running.length > 0 && record.running;
  });
  t.is(running?.task, `${assigned.batch}.0`);
  t.is(running?.progress, 0.5);
  t.is(running?.note, 'half way');
  t.deepEqual((await log.seen('task.log')).fields, { steps: 3 });
  await leader.notify(assigned, { cancel: [[0, 1]] });
  t.deepEqual(told(await leader.end(assigned)), ['cancelled']);
});

test('an error in the background of a module is logged, with what it came from', async (t) => {
  const { leader, id, log } = await startWorld(t, { handlers });
  const assigned = await leader.give(id, [{ type: 'rejects-afterwards' }]);
  t.deepEqual(told(await leader.end(assigned)), ['succeeded', 'early']);
  const { module, type, task, error } = await log.seen('handler.background-error', (fields) => fields.type !== null);
  t.deepEqual([module, type, task], [handlers, 'rejects-afterwards', `${assigned.batch}.0`]);
  t.is(error, 'RangeError: nobody waited');
});

test('a timed out attempt leaves a line; one that ignores its signal is named', async (t) => {
  const { leader, id, log } = await startWorld(t, { handlers, graceMs: 50 });
  const assigned = await leader.give(id, [{ type: 'forever', timeoutMs: 20 }]);
  t.deepEqual(told(await leader.end(assigned)), ['timed-out', FAILURES.TIMEOUT]);
  const task = `${assigned.batch}.0`;
  t.like(await log.seen('task.failed'), { task, type: 'forever', error: 'TaskTimeoutError: timed out after 20 ms' });
  const { reason } = await log.seen('executor.thread-ended');
  t.is(reason, `handler 'forever' ignored its abort signal (task ${task})`);
});

test('a timeout of months gives the handler its time', async (t) => {
  const { leader, id } = await startWorld(t);
  const assigned = await leader.give(id, [{ type: 'sleep', payload: { ms: 30 }, timeoutMs: 90 * 86_400_000 }]);
  t.deepEqual((await leader.end(assigned)).outcome, 'succeeded');
});
