import { IntakeClosedError } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

const MAX = 1_000;
/** Tasks in a batch of the client, as its README says. */
const BATCH = 500;
const handlers = { noop: (): null => null };

test('a full system takes at most one batch more, and what is yielded is what is stored', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers, maxPendingTasks: MAX });
  t.teardown(close);
  await drover.pauseQueue('default');
  const ids: string[] = [];
  const inputs = Array.from({ length: 20_000 }, () => ({ type: 'noop' }) as const);
  const error = await t.throwsAsync(
    async () => {
      for await (const { id } of drover.submitMany(inputs)) ids.push(id);
    },
    { instanceOf: IntakeClosedError },
  );
  t.regex(error.message, /the limit is 1,000;/);
  await settle();
  t.true(ids.length >= MAX && ids.length <= MAX + BATCH, String(ids.length));
  const stored: string[] = [];
  for await (const { id } of drover.list({ limit: Infinity })) stored.push(id);
  t.deepEqual(stored.sort(), ids.sort());
});

test('a system that is no longer full takes tasks again', async (t) => {
  const { drover, settle, clock, close } = await testDrover({ handlers, maxPendingTasks: 1 });
  t.teardown(close);
  await drover.pauseQueue('default');
  const [first] = await Promise.all([drover.submit('noop'), drover.submit('noop')]);
  await settle();
  await t.throwsAsync(drover.submit('noop'), { instanceOf: IntakeClosedError });
  await drover.resumeQueue('default');
  await first.result();
  await clock.advance('1s');
  await (await drover.submit('noop')).result();
  t.pass();
});

test('a limit that is none is refused', async (t) => {
  for (const maxPendingTasks of [0, -1, 1.5, NaN])
    await t.throwsAsync(testDrover({ handlers, maxPendingTasks }), { message: /^maxPendingTasks: expected/ });
});
