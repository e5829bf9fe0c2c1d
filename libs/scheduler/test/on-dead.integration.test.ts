import { batchPath, decodeBatch } from '@drover/protocol';
import test from 'ava';
import { World } from './support/world.js';

interface Told {
  task: string;
  outcome: string;
  attempts: number;
  error?: { name: string; message: string };
}

/** The payloads of all tasks that were started for dead letters of the queue `q`. */
async function told(world: World): Promise<Told[]> {
  const found: Told[] = [];
  for (const bucket of await world.zk.children('/tasks'))
    for (const name of await world.zk.children(`/tasks/${bucket}`)) {
      const { header, payload } = decodeBatch('', (await world.zk.get(batchPath(name))).data);
      if (header.deadLettersOf !== 'q') continue;
      for (let index = 0; index < header.count; index++) found.push(JSON.parse(payload(index) ?? '') as Told);
    }
  return found.sort((a, b) => (a.task === b.task ? a.attempts - b.attempts : a.task < b.task ? -1 : 1));
}

test('each death is told once, while its batch goes on, whoever leads', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1', { aheadMs: 0 });
  const onDead = { type: 'page', queue: 'alerts' };
  await world.ask({ kind: 'configure', queue: 'q', settings: { onDead } });
  t.like(await world.json('/queues/q'), { v: 2, needs: ['on-dead'], onDead });
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(4, { maxAttempts: 1 }, 'q');
  const held = await worker.next(({ record }) => record.batch === batch);
  await worker.report(held, [{ from: 0, to: 1, outcome: 'failed' }], 0, false);
  const one = await world.until(async () => ((await told(world)).length > 0 ? told(world) : null));
  const error = { name: 'Error', message: 'it failed' };
  t.like(one, [{ task: `${batch}.0`, outcome: 'failed', attempts: 1, error }]);
  t.is(await world.submitter.finished(batch), null, 'its batch is not finished');
  await world.kill(first);
  // While nobody leads another one dies.
  await worker.report(held, [{ from: 1, to: 2, outcome: 'rejected' }], 1, false);
  const second = await world.scheduler('s2', { aheadMs: 0 });
  const two = await world.until(async () => ((await told(world)).length > 1 ? told(world) : null));
  t.like(two, [{ task: `${batch}.0` }, { task: `${batch}.1`, outcome: 'rejected', error }]);
  await worker.report(held, [{ from: 2, to: 4, outcome: 'succeeded' }], 2);
  t.like(await world.until(() => world.submitter.finished(batch)), { succeeded: 2, failed: 2 });
  await world.ask({ kind: 'retry', tasks: [`${batch}.1`] });
  const again = await worker.next(({ record }) => record.batch === batch);
  t.is(again.record.attempt, 2, 'the notes of who was told count as no attempt');
  await world.kill(second);
  await world.scheduler('s3', { aheadMs: 0 });
  await worker.report(again, [{ from: 1, to: 2, outcome: 'failed' }]);
  t.like(await world.until(() => world.submitter.finished(batch)), { succeeded: 2, failed: 2 });
  const all = await told(world);
  t.deepEqual(
    all.map(({ task, attempts }) => [task, attempts]),
    [
      [`${batch}.0`, 1],
      [`${batch}.1`, 1],
      [`${batch}.1`, 2],
    ],
  );
});
