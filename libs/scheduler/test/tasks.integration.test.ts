import type { RangeEnd } from '@drover/core';
import { batchPath } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import test from 'ava';
import type { FakeWorker, Held } from './support/fake-worker.js';
import { World, logged } from './support/world.js';

test('tasks that were submitted before and after the leader came are run, each once', async (t) => {
  const world = await World.create(t);
  const before = await world.submitter.submit(50);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { capacity: 8 });
  const after = await world.submitter.submit(50);
  for (const batch of [before, after]) {
    const { succeeded, failed } = await world.until(() => world.submitter.finished(batch));
    t.deepEqual({ succeeded, failed }, { succeeded: 50, failed: 0 });
  }
  t.is(worker.begun.size, 100);
  t.true([...worker.begun.values()].every((times) => times === 1));
});

test('a worker whose session ends loses its tasks to others, and only those', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const doomed = await world.worker('w1', { capacity: 4, hold: true });
  const batch = await world.submitter.submit(4);
  await doomed.until(() => (doomed.tasks().length === 4 ? true : null));
  const heir = await world.worker('w2', { capacity: 4 });
  await doomed.stop();
  const { succeeded } = await world.until(() => world.submitter.finished(batch));
  t.is(succeeded, 4);
  t.true(logged(leader, 'assignment.revoked', { reason: 'worker-lost' }));
  t.deepEqual(
    [...heir.begun.keys()].sort(),
    [0, 1, 2, 3].map((i) => `${batch}.${i}`),
  );
  await world.until(async () => ((await world.zk.exists(`/assignments/${doomed.id}`)) === null ? true : null));
});

test('the parts of an assignment may follow each other faster than they are read: nothing of it is handed out again', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { capacity: 8, hold: true });
  const batch = await world.submitter.submit(8);
  const held = await worker.next(({ record }) => record.tasks.some(([from, to]) => to - from >= 2));
  const [[from, to] = [0, 0]] = held.record.tasks;
  const ends = (at: number, end: number): RangeEnd[] => [{ from: at, to: end, outcome: 'succeeded' }];
  const [create, remove] = worker.reportOperations(held, ends(from + 1, to), 1, true);
  // The last part takes some turns to be read: the leader plans between the two.
  const large = {
    ...create,
    data: `${String(create?.op === 'create' ? create.data : '')}${' '.repeat(900_000)}`,
  } as Operation;
  await worker.zk.multi([...worker.reportOperations(held, ends(from, from + 1), 0, false), large, remove as Operation]);
  await worker.release();
  await world.until(() => world.submitter.finished(batch));
  t.true([...worker.begun.values()].every((times) => times === 1));
});

test('reports that nobody can read use up attempts, and end the task; what makes sense of them counts', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const worker = await world.worker('w1', { capacity: 1, hold: true });
  const batch = await world.submitter.submit(1);
  const attempts: number[] = [];
  for (const part of ['0', 'of-a-later-version', '7'].entries()) {
    const held = await worker.next(({ record }) => record.attempt > (attempts.at(-1) ?? 0));
    attempts.push(held.record.attempt);
    await garbage(worker, held, part[1], part[0] === 0 ? '{"v":1,"worker":7}' : 'garbage');
  }
  t.deepEqual(attempts, [1, 2, 3]);
  t.like(await world.until(() => world.submitter.finished(batch)), { succeeded: 0, failed: 1 });
  t.is(leader.events.filter(({ name }) => name === 'record.invalid').length, 3);
  const another = await world.submitter.submit(1);
  const held = await worker.next();
  await garbage(worker, held, 'z', '{"v":9,"attempt":1,"tasks":[[0,1,"rejected",null]]}');
  t.like(await world.until(() => world.submitter.finished(another)), { failed: 1 });
});

/** The last report of an assignment, with a record of the test's own. */
async function garbage(worker: FakeWorker, held: Held, part: string, data: string): Promise<void> {
  const [, remove] = worker.reportOperations(held, [], 0, true);
  const path = `${batchPath(held.record.batch)}/${held.id.split('.')[1] ?? ''}.${part}`;
  await worker.zk.multi([{ op: 'create', path, data }, remove as Operation]);
}

test('an assignment that somebody deletes by hand uses up an attempt', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { capacity: 1, hold: true });
  const batch = await world.submitter.submit(1);
  const first = await worker.next();
  await world.zk.delete(`/assignments/${worker.id}/${first.id}`);
  const second = await worker.next(({ record }) => record.attempt > 1);
  t.is(second.record.attempt, 2);
  await worker.succeed(second);
  t.like(await world.until(() => world.submitter.finished(batch)), { succeeded: 1 });
});

test('a task that its worker does not end in time is taken away, and the log says what became of it', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1', { graceMs: 50 });
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(1, { timeoutMs: 50, maxAttempts: 1 });
  t.is((await world.until(() => world.submitter.finished(batch))).failed, 1);
  t.true(logged(leader, 'assignment.revoked', { worker: worker.id, tasks: 1, reason: 'timed-out' }));
  const [dead] = leader.events.filter(({ name }) => name === 'task.dead');
  t.like(dead?.fields, { task: `${batch}.0`, attempts: 1 });
  t.regex(String(dead?.fields.error), /did not end the task in time/);
});
