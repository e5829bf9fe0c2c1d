import test from 'ava';
import { assignmentName, assignmentPath, batchPath } from '@drover/protocol';
import type { TaskEnd } from '@drover/protocol';
import { startWorld } from './start-worker.js';

const LONG = { type: 'sleep', payload: { ms: 600_000 } };
const outcomes = (ends: TaskEnd[]): string[] => ends.map((end) => end.outcome);

test('a revoked assignment: what runs is aborted, what has ended is dropped, and the worker goes on', async (t) => {
  const { leader, id, log } = await startWorld(t, { capacity: 1 });
  const assigned = await leader.give(id, [LONG, { type: 'noop' }]);
  await log.seen('task.started');
  await leader.zk.delete(assigned.path);
  t.is((await leader.end(await leader.give(id, [{ type: 'noop' }]))).outcome, 'succeeded');
  t.deepEqual(await leader.reports(assigned), []);
});

test('recall hands back what has not begun, what runs goes on', async (t) => {
  const { leader, id, log } = await startWorld(t, { capacity: 2 });
  const assigned = await leader.give(id, [LONG, LONG, LONG, LONG]);
  await log.seen('task.started', ({ task }) => task === `${assigned.batch}.1`);
  await leader.notify(assigned, { recall: true });
  const [first] = await leader.until(async () => {
    const reports = await leader.reports(assigned);
    return reports.length > 0 && reports;
  });
  t.deepEqual(first?.ends.map(({ index, outcome }) => [index, outcome]), [[2, 'returned'], [3, 'returned']]); // prettier-ignore
  t.true(await leader.isOut(assigned));
  await leader.notify(assigned, { recall: true, cancel: [[0, 2]] });
  t.deepEqual(outcomes(await leader.ends(assigned)), ['cancelled', 'cancelled', 'returned', 'returned']);
});

test('cancel ends the tasks that it names, running or waiting, and no other', async (t) => {
  const { leader, id, log } = await startWorld(t, { capacity: 1 });
  const assigned = await leader.give(id, [LONG, LONG, { type: 'noop' }, { type: 'noop' }]);
  await log.seen('task.started');
  await leader.notify(assigned, { cancel: [[0, 3]] });
  t.deepEqual(outcomes(await leader.ends(assigned)), ['cancelled', 'cancelled', 'cancelled', 'succeeded']);
});

test('what is past its deadline ends as that, running or waiting, and the handler learns why', async (t) => {
  const { leader, id, log } = await startWorld(t, { capacity: 1 });
  const assigned = await leader.give(id, [LONG, LONG, { type: 'noop' }]);
  await log.seen('task.started');
  await leader.notify(assigned, { exceeded: [[0, 2]] });
  t.deepEqual(outcomes(await leader.ends(assigned)), ['exceeded', 'exceeded', 'succeeded']);
});

test('a notice that is in the assignment from the start is heeded', async (t) => {
  const { leader, id } = await startWorld(t);
  const batch = await leader.submit([LONG, LONG]);
  const assigned = await leader.assign(id, batch, [0, 1]);
  await leader.notify(assigned, { cancel: [[0, 2]] });
  t.deepEqual(outcomes(await leader.ends(assigned)), ['cancelled', 'cancelled']);
});

test('results larger than a transaction leave in several parts, the last one with the assignment', async (t) => {
  const { leader, id } = await startWorld(t);
  const text = 'x'.repeat(50_000);
  // Several batches: the payloads of one would not fit a znode.
  const many = await Promise.all(
    Array.from({ length: 4 }, () =>
      leader.give(
        id,
        Array.from({ length: 12 }, () => ({ type: 'echo', payload: text })),
      ),
    ),
  );
  for (const assigned of many) {
    const ends = await leader.ends(assigned);
    t.deepEqual(ends.map(({ index }) => index), Array.from({ length: 12 }, (_, i) => i)); // prettier-ignore
    t.true(ends.every(({ line }) => line !== null && 'result' in line && line.result === text));
    t.true((await leader.reports(assigned)).length > 1);
  }
});

test('hundreds of tasks that end one by one take few znodes', async (t) => {
  const { leader, id } = await startWorld(t, { capacity: 4 });
  const tasks = Array.from({ length: 300 }, (_, i) => ({ type: 'sleep', payload: { ms: i % 3 } }));
  const assigned = await leader.give(id, tasks);
  t.true((await leader.ends(assigned)).every(({ outcome }) => outcome === 'succeeded'));
  t.true((await leader.reports(assigned)).length < tasks.length / 4);
});

test('slices of one batch at the same worker, also again after a return', async (t) => {
  const { leader, id } = await startWorld(t);
  const batch = await leader.submit(Array.from({ length: 10 }, (_, i) => ({ type: 'echo', payload: i })));
  const slices = await Promise.all(
    [
      [0, 1, 5],
      [2, 3],
      [4, 9],
    ].map((indexes) => leader.assign(id, batch, indexes)),
  );
  const results = await Promise.all(slices.map((slice) => leader.ends(slice)));
  const told = results.flat().map(({ index, line }) => [index, line !== null && 'result' in line ? line.result : null]);
  t.deepEqual(told, [0, 1, 5, 2, 3, 4, 9].map((index) => [index, index])); // prettier-ignore
  t.is((await leader.end(await leader.assign(id, batch, [5], 2))).outcome, 'succeeded');
});

test('garbage in an assignment, or one of an unknown batch, is told and skipped', async (t) => {
  const { leader, id, log } = await startWorld(t);
  await leader.zk.create(`/assignments/${id}/what`, 'ever');
  await log.seen('record.invalid', ({ path }) => path === `/assignments/${id}/what`);
  const batch = await leader.submit([{ type: 'noop' }]);
  await leader.zk.create(`/assignments/${id}/${batch}.e1-77`, '{"v":1,"batch":');
  await log.seen('record.invalid', ({ path }) => path === `/assignments/${id}/${batch}.e1-77`);
  await leader.zk.create(`/assignments/${id}/${batch}.e1-78`, '{"v":99}');
  await log.seen('record.invalid', ({ reason }) => String(reason).includes('version 99'));
  await leader.assign(id, batch, [3]);
  await log.seen('record.invalid', ({ reason }) => String(reason).includes('of a batch of 1'));
  t.is((await leader.end(await leader.assign(id, batch, [0]))).outcome, 'succeeded');
});

test('tasks of a batch that cannot be read are rejected', async (t) => {
  const { leader, id } = await startWorld(t);
  const batch = await leader.submit([{ type: 'noop' }, { type: 'noop' }]);
  const bucket = (await leader.zk.children('/tasks')).map((name) => `/tasks/${name}/${batch}`);
  for (const path of bucket) if ((await leader.zk.exists(path)) !== null) await leader.zk.set(path, 'no batch');
  t.deepEqual(outcomes(await leader.ends(await leader.assign(id, batch, [0, 1]))), ['rejected', 'rejected']);
});

const NEEDS = { v: 2, needs: ['one-day'] };
const NEWER: Readonly<Record<string, { batch: object; assignment: object }>> = {
  'an assignment': { batch: {}, assignment: NEEDS },
  'a batch': { batch: NEEDS, assignment: {} },
  'an assignment of a newer version': { batch: {}, assignment: { v: 9 } },
};
for (const [what, more] of Object.entries(NEWER))
  test(`${what} that needs what the worker does not understand is handed back: not run, and not out for ever`, async (t) => {
    const { leader, log, id } = await startWorld(t);
    const batch = await leader.submit([{ type: 'noop' }, { type: 'noop' }]);
    const [header = '', ...lines] = (await leader.zk.get(batchPath(batch))).data.toString().split('\n');
    const first = JSON.stringify({ ...(JSON.parse(header) as object), ...more.batch });
    await leader.zk.set(batchPath(batch), [first, ...lines].join('\n'));
    const name = assignmentName(batch, { epoch: 1, n: 1_000 });
    const path = assignmentPath(id, name);
    const fields = { v: 1, batch, tasks: [[0, 2]], attempt: 2, epoch: 1, at: 1 };
    await leader.zk.create(path, JSON.stringify({ ...fields, ...more.assignment }));
    const assigned = { worker: id, name, path, batch, tasks: [[0, 2]] as [[0, 2]], attempt: 2, epoch: 1, zxid: 0n };
    const ends = await leader.ends(assigned);
    t.deepEqual(
      ends.map(({ index, outcome, retryAfterMs }) => ({ index, outcome, retryAfterMs })),
      [0, 1].map((index) => ({ index, outcome: 'failed', retryAfterMs: 30_000 })),
    );
    for (const { line } of ends) {
      const { error } = line as { error: { name: string; message: string; retryable: boolean } };
      t.like(error, { name: 'UnknownFeatureError', retryable: true });
      t.regex(error.message, /needs 'one-day'|version 9/);
    }
    t.is(log.of('record.invalid').length, 1);
    t.regex(String(log.of('record.invalid')[0]?.reason), /needs 'one-day'.*upgrade it|version 9.*upgrade it/);
    t.is((await leader.end(await leader.give(id, [{ type: 'noop' }]))).outcome, 'succeeded');
  });

test('an assignment that does not even say which tasks it is of is left alone, and others run', async (t) => {
  const { leader, log, id } = await startWorld(t);
  const batch = await leader.submit([{ type: 'noop' }]);
  const path = assignmentPath(id, assignmentName(batch, { epoch: 1, n: 1_000 }));
  await leader.zk.create(path, JSON.stringify({ ...NEEDS, batch }));
  await log.seen('record.invalid', (fields) => fields.path === path);
  t.is((await leader.end(await leader.give(id, [{ type: 'noop' }]))).outcome, 'succeeded');
  t.truthy(await leader.zk.exists(path));
  await leader.drain(id, true);
  await leader.until(async () => (await leader.record(id))?.state === 'draining');
  await leader.zk.set(`/assignments/${id}`, JSON.stringify({ ...NEEDS, draining: false }));
  await log.seen('record.invalid', (fields) => fields.path === `/assignments/${id}`);
  t.is((await leader.record(id))?.state, 'draining', 'what it was asked before stays in force');
});
