import type { BroadcastResult } from '@drover/client';
import test from 'ava';
import { leaderOf, world } from './world.js';

const SHORT = ['--session-timeout', '2s'];
const NAMES = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'];

// It starts eleven processes, which takes most of its time.
test('case 40, broadcast: each worker runs it once; one that dies while it runs gets it again, one that joins gets the newest of a key', async (t) => {
  const { cluster, drover } = await world(t);
  const schedulers = ['s1', 's2'].map((id) => cluster.scheduler(id, ...SHORT));
  const leader = await leaderOf(schedulers);
  const workers = NAMES.map((name) => cluster.worker(name, ...SHORT));
  await Promise.all(workers.map((worker) => worker.event('worker.registered')));

  const broadcast = await drover.broadcast('work', { n: 40, ms: 300, slow: 'w3' }, { joiners: '1h', key: 'flush' });
  await cluster.effectsReach(NAMES.length);
  const results: BroadcastResult[] = [];
  const reading = (async () => {
    for await (const result of broadcast.results()) results.push(result);
  })();
  // The leader goes while w3 runs it, and w3 too; both are back later.
  leader.signal('SIGKILL');
  await cluster.member('w3').end();
  await leaderOf(schedulers.filter((scheduler) => scheduler !== leader));
  cluster.worker('w3', ...SHORT);
  cluster.worker('w7', ...SHORT);
  await cluster.effectsReach(NAMES.length + 2);
  // A newer one closes it: nobody joins it any more, and it is over when its tasks are.
  const newer = await drover.broadcast('work', { n: 41, ms: 0 }, { joiners: '1h', key: 'flush' });
  await reading;
  cluster.worker('w8', ...SHORT);
  await cluster.effectsReach(NAMES.length + 2 + NAMES.length + 2);

  t.deepEqual(results.map(({ worker }) => worker).sort(), [...NAMES, 'w7']);
  for (const result of results) {
    t.is(result.state, 'succeeded');
    if (result.state === 'succeeded') t.deepEqual(result.result, { n: 40, worker: result.worker });
  }
  const effects = await cluster.effects();
  const startsOf = (wanted: number) => effects.filter(({ n }) => n === wanted).map(({ worker }) => worker);
  t.deepEqual(startsOf(40).sort(), ['w1', 'w2', 'w3', 'w3', 'w4', 'w5', 'w6', 'w7']);
  t.deepEqual(startsOf(41).sort(), [...NAMES, 'w7', 'w8']);
  t.deepEqual(
    effects.filter(({ worker, n }) => worker === 'w3' && n === 40).map(({ attempt }) => attempt),
    [1, 2],
  );

  const view = await broadcast.status();
  t.like(view, { state: 'finished', type: 'work', key: 'flush', payload: { n: 40 } });
  t.deepEqual(view.counts, { workers: 7, waiting: 0, succeeded: 7, failed: 0, cancelled: 0 });
  t.like(view.closed, { why: 'superseded', newer: newer.id });
  t.deepEqual(
    (await drover.broadcasts.list()).map(({ id }) => id),
    [newer.id, broadcast.id],
  );

  // A schedule of broadcasts: a worker that joins has the newest fire at most, and then each one.
  const before = (await cluster.effects()).length;
  const ofFires = async () => (await cluster.effects()).slice(before);
  const at = async (name: string) => (await ofFires()).filter(({ worker }) => worker === name).length;
  await drover.schedules.set('flush', {
    when: { every: '1s' },
    run: { broadcast: 'work', payload: { n: 42, ms: 0 }, joiners: '1h' },
  });
  while ((await at('w1')) < 3) await cluster.effectsReach(before + (await ofFires()).length + 1);
  const missed = (await drover.broadcasts.list()).filter(({ id }) => id !== newer.id && id !== broadcast.id);
  cluster.worker('w9', ...SHORT);
  while ((await at('w9')) < 2) await cluster.effectsReach(before + (await ofFires()).length + 1);
  await drover.schedules.remove('flush');
  await drover.broadcasts.cancel((await drover.broadcasts.list()).map(({ id }) => id));
  const views = await Promise.all(missed.map(({ id }) => drover.broadcasts.get(id)));
  const joined = views.filter(({ workers }) => workers.some(({ worker }) => worker === 'w9'));
  t.true(missed.length >= 3);
  t.true(joined.length <= 1, `w9 had ${joined.length} of the ${missed.length} fires before it`);
  const each = (await ofFires()).map(({ worker, task }) => `${worker} ${task}`);
  t.is(new Set(each).size, each.length, 'nobody had a fire twice');
});
