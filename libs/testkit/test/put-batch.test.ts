import { BatchConflictError, IntakeClosedError, KeyTakenError } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

const handlers = { twice: (n: number): number => 2 * n };
const ID = '01JD3V8R2MZ6K4Q7T9XBYC5HNA';
const tasksOf = (...numbers: number[]) => numbers.map((payload) => ({ type: 'twice' as const, payload }));

test('a batch with an id of the caller is there once, however often and at once it is put', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const replies = await Promise.all(Array.from({ length: 8 }, () => drover.putBatch(ID, tasksOf(1, 2, 3))));
  t.is(replies.filter(({ created }) => created).length, 1);
  for (const { id, tasks } of replies) t.deepEqual([id, tasks], [ID, [`${ID}.0`, `${ID}.1`, `${ID}.2`]]);
  await settle();
  t.is(await drover.task(`${ID}.2`).result(), 6);
  t.like(await drover.putBatch(ID, tasksOf(1, 2, 3)), { created: false }, 'also when it is finished');
  await t.throwsAsync(drover.putBatch(ID, tasksOf(1, 2)), { instanceOf: BatchConflictError });
  const found = [];
  for await (const { id } of drover.list({ filter: '' })) found.push(id);
  t.is(found.length, 3);
});

test('what is wrong is refused before anything is written', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const refused: [() => Promise<unknown>, RegExp][] = [
    [() => drover.putBatch('x', tasksOf(1)), /^id: expected a ULID/],
    [() => drover.putBatch(ID, []), /^tasks: expected 1 to 500 tasks/],
    [() => drover.putBatch(ID, tasksOf(...Array.from({ length: 501 }, (_, n) => n))), /^tasks: expected 1 to 500/],
    [() => drover.putBatch(ID, [...tasksOf(1), { type: 'twice', payload: 1, queue: 'other' }]), /tasks of one queue/],
    [() => drover.putBatch(ID, [{ type: 'twice', payload: 1, delay: 'soon' as never }]), /^delay:/],
    [() => drover.putBatch(ID, tasksOf(1), { nonsense: 1 } as never), /nonsense/],
  ];
  for (const [put, message] of refused) await t.throwsAsync(put, { message });
  const holder = await drover.submit('twice', 1, { key: 'k', delay: '1h' });
  const keyed = [...tasksOf(1), { type: 'twice' as const, payload: 2, key: 'k' }];
  await t.throwsAsync(drover.putBatch(ID, keyed), { instanceOf: KeyTakenError, message: new RegExp(holder.id) });
  const found: string[] = [];
  for await (const { id } of drover.list()) found.push(id);
  t.deepEqual(found, [holder.id], 'none of the batch is there');
});

test('a batch that is there answers while the system takes no tasks', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers, maxPendingTasks: 2 });
  t.teardown(close);
  const waiting = tasksOf(1, 2, 3).map((task) => ({ ...task, delay: '1h' as const }));
  t.true((await drover.putBatch(ID, waiting)).created);
  await settle();
  t.false((await drover.putBatch(ID, waiting)).created);
  await t.throwsAsync(drover.putBatch('01JD3V8R2MZ6K4Q7T9XBYC5HNB', waiting), { instanceOf: IntakeClosedError });
});

test('a key of the request leads to the batch as long as that is kept, and goes with it', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const put = (id: string, n: number) => drover.putBatch(id, tasksOf(n), { requestKey: 'order 4711' });
  const [first, second] = await Promise.all([put(ID, 1), put('01JD3V8R2MZ6K4Q7T9XBYC5HNB', 1)]);
  t.is(first.id, second.id);
  t.is(Number(first.created) + Number(second.created), 1);
  await t.throwsAsync(put('01JD3V8R2MZ6K4Q7T9XBYC5HNC', 2), { instanceOf: BatchConflictError });
  await settle();
  t.is(await drover.task(first.tasks[0] ?? '').result(), 2);
});
