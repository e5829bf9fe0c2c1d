import { CommandRefusedError, TaskNotFoundError } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

const SECRET = 'jane@example.org';
const handlers = {
  tell: ({ fails, mail }: { fails: boolean; mail: string }): string => {
    if (fails) throw new Error(`no such mailbox: ${mail}`);
    return `sent to ${mail}`;
  },
};

test('erase takes payload, result and errors of the named task alone, whatever becomes of its batch', async (t) => {
  const { drover, settle, clock, close } = await testDrover({ handlers });
  t.teardown(close);
  const given = { fails: false, mail: SECRET };
  const submit = (fails: boolean, delay = 0) =>
    drover.submit('tell', { ...given, fails }, { maxAttempts: 2, retry: { kind: 'constant', delayMs: 1_000 }, delay });
  const [dead, good, other, later] = await Promise.all([
    submit(true),
    submit(false),
    submit(true),
    submit(false, 3_600_000),
  ]);
  await settle();
  await clock.advance('5s');
  await settle();
  await t.throwsAsync(drover.erase(later.id), {
    instanceOf: CommandRefusedError,
    message: /was not erased: only tasks that have ended can be erased; it is scheduled/,
  });
  await t.throwsAsync(drover.erase(`${dead.id.slice(0, 26)}.99`), { instanceOf: TaskNotFoundError });
  const reply = await drover.erase(dead.id, { by: 'ada', reason: 'request 1' });
  t.like(reply, { id: dead.id, erased: ['payload', 'result', 'messages and stacks of errors'] });
  t.true(reply.remains.length > 0);
  await drover.erase(good.id);
  await drover.erase(good.id);
  const seen = async (id: string): Promise<string> => JSON.stringify(await drover.get(id, { payload: true }));
  for (const { id } of [dead, good]) t.false((await seen(id)).includes(SECRET));
  t.like(await drover.get(dead.id), { state: 'failed', attempt: 2, erased: true, error: { name: 'Error' } });
  t.like(await drover.get(good.id), { state: 'succeeded', result: null, erased: true });
  t.true((await seen(other.id)).includes(SECRET));
  t.like(await drover.retry([dead.id]), [{ ok: false, state: 'failed' }]);
  t.like(await drover.retry([other.id]), [{ ok: true }]);
  await settle();
  await clock.advance('2h');
  await settle();
  t.like(await drover.get(later.id), { state: 'succeeded', result: `sent to ${SECRET}` });
  t.like(await drover.get(dead.id, { payload: true }), { state: 'failed', erased: true });
  t.false((await seen(dead.id)).includes(SECRET));
});
