import test from 'ava';
import { FEATURES, schedulerPath } from '@drover/protocol';
import { World } from './support/world.js';

// This file is a process of its own: in it, and nowhere else, the leader and the workers are of a version that knows it.
(FEATURES as string[]).push('made-up');

test('a batch that needs a feature runs at the workers that understand it, whatever others do', async (t) => {
  const world = await World.create(t);
  const { scheduler } = await world.scheduler('s1');
  const older = await world.worker('older');
  const batch = await world.submitter.submit(3, {}, 'default', ['made-up']);
  const plain = await world.submitter.submit(1);
  await world.until(() => older.begun.get(`${plain}.0`) ?? null);
  const { why } = await world.ask({ kind: 'why', task: `${batch}.0` });
  t.like(why?.reasons[0], { code: 'not-understood', features: ['made-up'], workers: 1 });
  const newer = await world.worker('newer', { understands: ['made-up'] });
  for (let index = 0; index < 3; index++) {
    await world.until(() => newer.begun.get(`${batch}.${index}`) ?? null);
    t.is(older.begun.get(`${batch}.${index}`), undefined);
  }
  t.like(await world.json(schedulerPath('s1')), { understands: [...FEATURES] });
  await scheduler.stop();
});
