import { defineHandlers, TaskCancelledError, TaskFailedError } from '@drover/client';
import test, { type ExecutionContext } from 'ava';
import { RejectTaskError } from '@drover/worker';
import { testDrover, type TestDrover } from '../src/index.js';

const handlers = defineHandlers<{ note: [string, string]; rejects: [null, null] }>({
  note: (text) => text,
  rejects: () => {
    throw new RejectTaskError('never');
  },
});

async function open(t: ExecutionContext): Promise<TestDrover<typeof handlers>> {
  const kit = await testDrover({ handlers });
  t.teardown(() => kit.close());
  return kit;
}

const NOWHERE = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';

test('a task runs when all that it is to run after have succeeded, and get and why say for which it waits', async (t) => {
  const { drover, clock, settle } = await open(t);
  const first = await drover.submit('note', 'a');
  const later = await drover.submit('note', 'b', { delay: '1h' });
  const last = await drover.submit('note', 'c', { after: [first.id, later.id] });
  await settle();
  t.is(await first.result(), 'a');
  const seen = await drover.get(last.id);
  t.like(seen, { state: 'pending', after: [first.id, later.id], afterMode: 'succeeded', attempt: 0 });
  t.regex(seen.reason ?? '', /or it waits for some of 2 tasks that it is to run after: drover why/);
  const why = await drover.why(last.id);
  t.is(why.sentence, `it waits for 1 of the 2 tasks that it is to run after, which is ${later.id}`);
  t.like(why.reasons[0], { code: 'waiting-task', blocking: true, left: 1, of: 2, next: later.id });
  await clock.advance('1h');
  t.is(await last.result(), 'c');
  const { history } = await drover.get(last.id);
  t.is(history.length, 1);
});

test('one that failed cancels what is to run after it, and so on; what waits for the end alone runs', async (t) => {
  const { drover, settle } = await open(t);
  const bad = await drover.submit('rejects', null);
  const never = await drover.submit('note', 'never', { after: bad.id });
  const norThis = await drover.submit('note', 'nor this', { after: [never.id] });
  const tells = await drover.submit('note', 'tells', { after: [bad.id, never.id], afterMode: 'ended' });
  t.is(await tells.result(), 'tells');
  await settle();
  for await (const { state, ...rest } of drover.run([{ type: 'note', payload: 'late', after: bad.id }]))
    t.like({ state, ...rest }, { state: 'cancelled', reason: `dependency ${bad.id} failed`, worker: null });
  for (const [task, reason] of [
    [never, `dependency ${bad.id} failed`],
    [norThis, `dependency ${never.id} was cancelled`],
  ] as const) {
    const error = await t.throwsAsync(task.result(), { instanceOf: TaskCancelledError });
    t.is(error.message, `task ${task.id} was cancelled: ${reason}`);
    t.like((await drover.get(task.id)).history, [{ outcome: 'cancelled', reason, worker: null }]);
    t.is((await drover.why(task.id)).sentence, `the task has ended: cancelled: ${reason}`);
  }
});

test('a task that is not there fails what is to run after it, at once', async (t) => {
  const { drover } = await open(t);
  const task = await drover.submit('note', 'never', { after: [NOWHERE] });
  const error = await t.throwsAsync(task.result(), { instanceOf: TaskFailedError });
  t.like(error.failure, { name: 'UnknownDependency', retryable: false });
  t.regex(error.message, new RegExp(`it was to run after task ${NOWHERE.replace('.', '\\.')}, which is not there`));
  t.regex((await drover.why(task.id)).sentence, /^the task has ended: failed, UnknownDependency: it was to run after/);
  // Somebody wants it all the same.
  t.like(await drover.retry([task.id]), [{ ok: true }]);
  t.is(await task.result(), 'never');
});
