import test from 'ava';
import type { TaskFire } from '@drover/core';
import { testDrover } from '../src/index.js';

test('a schedule fires as the clock is moved, and its handler is told which fire it is', async (t) => {
  const fires: (TaskFire | undefined)[] = [];
  const handlers = {
    report: (_payload: unknown, { fire }: { fire?: TaskFire | undefined }): null => {
      fires.push(fire);
      return null;
    },
  };
  const { drover, clock, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  await drover.schedules.set('hourly', { when: { every: '1h' }, run: { type: 'report' } });
  const [next] = (await drover.schedules.get('hourly')).next;
  for (let hours = 0; hours < 3; hours++) {
    await clock.advance('1h');
    await settle();
  }
  t.is(fires.length, 3);
  t.like(fires[0], { schedule: 'hourly', nominal: next?.nominal, kind: 'time', missed: 0 });
  t.is(fires[0]?.id, `hourly@${next?.nominal}`);
  t.is(new Set(fires.map((fire) => fire?.id)).size, 3);
  const { fired, skipped, missed, last } = await drover.schedules.get('hourly');
  t.deepEqual({ fired, skipped, missed }, { fired: 3, skipped: 0, missed: 0 });
  t.is(last?.nominal, fires[2]?.nominal);
});

test('a back-fill makes tasks for times of the past', async (t) => {
  const seen: (string | undefined)[] = [];
  const handlers = {
    report: (_payload: unknown, { fire }: { fire?: TaskFire | undefined }): null => {
      seen.push(fire?.id);
      return null;
    },
  };
  const { drover, clock, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  await drover.schedules.set('hourly', { when: { every: '1h' }, run: { type: 'report' } });
  const to = new Date(Math.floor(clock.now / 3_600_000) * 3_600_000);
  const range = { from: to.getTime() - 3 * 3_600_000, to };
  const { times } = await drover.schedules.backfill('hourly', { ...range, dryRun: true });
  t.is(times.length, 3);
  const { id } = await drover.schedules.backfill('hourly', range);
  await clock.advance('10s');
  await settle();
  t.deepEqual(
    seen,
    times.map((nominal) => `hourly@${nominal}#b-${id}`),
  );
  t.like(await drover.schedules.backfills('hourly'), [{ id, fired: 3, skipped: 0, running: 0, redo: 'missing' }]);
});
