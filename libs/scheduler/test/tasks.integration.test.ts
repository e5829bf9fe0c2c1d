import type { RangeEnd } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import test from 'ava';
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
