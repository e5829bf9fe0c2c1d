import test, { type ExecutionContext } from 'ava';
import {
  batchPath,
  decodeBatchHeader,
  decodeSchedules,
  decodeScheduleStates,
  FIRES,
  type FireRecord,
  type ScheduleReplyRecord,
  type ScheduleStateRecord,
} from '@drover/protocol';
import { logged, World } from './support/world.js';

const UNDERSTANDS = { understands: [FIRES] };

interface Fired extends FireRecord {
  task: string;
  finished: boolean;
}

/** Every fire that there is, read from ZooKeeper. */
async function firesOf(world: World, name: string): Promise<Fired[]> {
  const fires: Fired[] = [];
  for (const bucket of await world.zk.children('/tasks'))
    for (const batch of await world.zk.children(`/tasks/${bucket}`)) {
      const { data } = await world.zk.get(batchPath(batch));
      const header = decodeBatchHeader(batch, data);
      (header.fires ?? []).forEach((fire, index) => {
        if (fire.schedule === name)
          fires.push({ ...fire, task: `${batch}.${index}`, finished: header.finished !== undefined });
      });
    }
  return fires.sort((a, b) => a.n - b.n);
}

async function set(t: ExecutionContext, world: World, name: string, spec: object): Promise<ScheduleReplyRecord> {
  const answer = await world.ask({ kind: 'set-schedules', schedules: [{ name, spec: { ...spec } }] }, { by: 'ada' });
  const [reply] = answer.schedules ?? [];
  t.true(reply?.ok, JSON.stringify(answer));
  return reply!;
}

async function stateOf(world: World, page = '0', slot = 0): Promise<ScheduleStateRecord> {
  const path = `/schedules/${page}/state`;
  return decodeScheduleStates(path, (await world.zk.get(path)).data).states.find((state) => state.slot === slot)!;
}

/** The first nominal time of the schedule in slot 0, which fires each second. */
async function firstSecond(world: World): Promise<number> {
  const [schedule] = decodeSchedules('/schedules/0', (await world.zk.get('/schedules/0')).data);
  return (Math.floor(schedule!.since / 1_000) + 1) * 1_000;
}

const EVERY_SECOND = { when: { every: '1s' }, run: { type: 'noop', payload: { n: 1 } } };

test('each second has one task, whoever leads, and the counts are those of the tasks', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  await world.scheduler('s2');
  const worker = await world.worker('w1', UNDERSTANDS);
  await set(t, world, 'tick', { ...EVERY_SECOND, overlap: 'allow', catchUp: 'all' });
  const begin = await firstSecond(world);
  await world.until(async () => ((await firesOf(world, 'tick')).length >= 2 ? true : null));
  await world.kill(first);
  await world.leader(({ id }) => id === 's2');
  const fires = await world.until(async () => {
    const found = await firesOf(world, 'tick');
    return found.length >= 6 && found.slice(0, 6).every(({ finished }) => finished) ? found : null;
  });
  t.deepEqual(
    fires.map(({ nominal }) => nominal),
    fires.map((_, i) => begin + i * 1_000),
  );
  t.true(fires.every(({ task }) => (worker.begun.get(task) ?? 1) === 1));
  const { fired, skipped, missed, mark } = await stateOf(world);
  t.is(fired + skipped + missed, (mark - begin) / 1_000 + 1);
  t.is(missed, 0);
});

test('a fire is skipped while an earlier one runs, and another leader counts on', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true, ...UNDERSTANDS });
  await set(t, world, 'slow', EVERY_SECOND);
  const held = await worker.next();
  await world.until(async () => ((await stateOf(world)).skipped >= 2 ? true : null));
  await world.scheduler('s2');
  await first.scheduler.stop();
  const before = (await stateOf(world)).skipped;
  await world.until(async () => ((await stateOf(world)).skipped > before ? true : null));
  t.is((await firesOf(world, 'slow')).length, 1);
  t.true(await worker.succeed(held));
  await world.until(async () => ((await firesOf(world, 'slow')).length === 2 ? true : null));
  const { fired, last, more } = await stateOf(world);
  t.is(fired, 2);
  t.is(last?.[2], (await firesOf(world, 'slow'))[1]?.task);
  t.is(more?.reasons?.skipped, 'an earlier fire had not ended');
});

test('what waits starts when the earlier one has ended; a newer one replaces it', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true, ...UNDERSTANDS });
  await set(t, world, 'sync', { ...EVERY_SECOND, overlap: 'buffer-latest' });
  const held = await worker.next();
  await world.until(async () => ((await firesOf(world, 'sync')).length >= 3 ? true : null));
  // No newer one replaces what waits from now on.
  await world.ask({ kind: 'pause-schedules', names: ['sync'], paused: true }, { by: 'ada', reason: 'enough' });
  const view = (await world.ask({ kind: 'show-schedule', name: 'sync' })).schedule;
  t.is(view?.running.length, 1);
  t.is(view?.waiting.length, 1);
  const waiting = view?.waiting[0]?.task ?? '';
  t.is((await world.ask({ kind: 'why', task: waiting })).why?.reasons[0]?.code, 'waiting-fire');
  t.is(worker.begun.size, 1);
  const last = (await firesOf(world, 'sync')).at(-1)!.task;
  t.true(await worker.succeed(held));
  const next = await worker.next(({ id }) => id !== held.id);
  t.true(last.startsWith(next.record.batch));
  await worker.succeed(next);
  const all = await world.until(async () => {
    const fires = await firesOf(world, 'sync');
    return fires.every(({ finished }) => finished) ? fires : null;
  });
  t.is(worker.begun.size, 2, 'those between were superseded');
  t.is((await stateOf(world)).fired, 2);
  t.is((await stateOf(world)).skipped, all.length - 2);
});

test('terminate-other takes the running one from its worker at once', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1', { graceMs: 60_000 });
  const worker = await world.worker('w1', { hold: true, ...UNDERSTANDS });
  await set(t, world, 'kill', { ...EVERY_SECOND, overlap: 'terminate-other' });
  const held = await worker.next();
  await worker.next(({ id }) => id !== held.id);
  t.false(await worker.succeed(held), 'its report comes too late');
});

test('a trigger runs while the schedule is paused, once for each command; an unknown schedule is said to be so', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  await world.worker('w1', UNDERSTANDS);
  await set(t, world, 'tick', { when: { cron: '0 0 1 1 *' }, run: { type: 'noop' } });
  await world.ask({ kind: 'pause-schedules', names: ['tick'], paused: true });
  const { task } = await world.ask({ kind: 'trigger-schedule', name: 'tick' });
  const fires = await world.until(async () => {
    const found = await firesOf(world, 'tick');
    return found[0]?.finished === true ? found : null;
  });
  t.is(fires[0]?.task, task);
  t.is(fires[0]?.kind, 'trigger');
  t.like((await world.ask({ kind: 'trigger-schedule', name: 'tack' })).schedules, [{ ok: false, code: 'unknown' }]);
  t.like((await world.ask({ kind: 'show-schedule', name: 'tack' })).schedules, [{ code: 'unknown' }]);
});

test('failures in a row pause it, and the event names the schedule', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true, ...UNDERSTANDS });
  await set(t, world, 'bad', { when: { every: '1s' }, run: { type: 'noop', maxAttempts: 1 }, pauseAfterFailures: 2 });
  for (let i = 0; i < 2; i++) {
    const held = await worker.next();
    await worker.report(held, [{ from: 0, to: 1, outcome: 'failed' }]);
  }
  const paused = await world.until(async () => (await stateOf(world)).more?.paused ?? null);
  t.regex(paused.reason ?? '', /2 fires in a row failed/);
  t.true(logged(leader, 'schedule.paused', { schedule: 'bad' }));
  t.is((await firesOf(world, 'bad')).length, 2);
});

test('what makes no sense is refused and nothing is written; a removed schedule leaves nothing behind', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const answer = await world.ask({
    kind: 'set-schedules',
    schedules: [
      { name: 'a', spec: { when: { cron: '0 0 31 2 *' }, run: { type: 'noop' } } },
      { name: 'b', spec: { when: { cron: '0 0 * * *', tz: 'Mars/Phobos' }, run: { type: 'noop' } } },
      { name: 'c/d', spec: { ...EVERY_SECOND } },
    ],
  });
  t.deepEqual(
    answer.schedules?.map(({ ok, code }) => [ok, code]),
    [
      [false, 'invalid'],
      [false, 'invalid'],
      [false, 'invalid'],
    ],
  );
  t.regex(answer.schedules?.[1]?.message ?? '', /Mars\/Phobos/);
  t.deepEqual(await world.zk.children('/schedules'), []);
  await set(t, world, 'ok', { when: { cron: '0 0 1 1 *' }, run: { type: 'noop' } });
  t.deepEqual(await world.zk.children('/schedules'), ['0']);
  const removed = await world.ask({ kind: 'remove-schedules', names: ['ok', 'ok2'] });
  t.like(removed.schedules, [{ ok: true }, { ok: false, code: 'unknown' }]);
  t.deepEqual(await world.zk.children('/schedules'), []);
});

test('a page that is spoilt by hand stops its own schedules and no others', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  await world.worker('w1', UNDERSTANDS);
  const big = 'x'.repeat(15_000);
  for (const name of ['a', 'b', 'c', 'd'])
    await set(t, world, name, { when: { every: '1s' }, run: { type: 'noop', payload: big }, overlap: 'allow' });
  t.deepEqual([...(await world.zk.children('/schedules'))].sort(), ['0', '1']);
  await first.scheduler.stop();
  await world.zk.set('/schedules/0', 'garbage');
  const count = (await firesOf(world, 'd')).length;
  const second = await world.scheduler('s2');
  await world.until(async () => ((await firesOf(world, 'd')).length > count + 1 ? true : null));
  t.true(logged(second, 'record.invalid', { path: '/schedules/0' }));
  const before = (await firesOf(world, 'a')).length;
  await world.until(async () => ((await firesOf(world, 'd')).length > count + 2 ? true : null));
  t.is((await firesOf(world, 'a')).length, before);
});

test('a calendar excludes its dates; while schedules name it, it is kept', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  t.like(await world.ask({ kind: 'set-calendar', name: 'off', dates: ['2026-02-30'] }), { ok: false });
  t.like(await world.ask({ kind: 'set-calendar', name: 'off', dates: ['2090-01-01'] }), { ok: true });
  await set(t, world, 'daily', { when: { cron: '0 0 * * *', except: [{ calendar: 'off' }] }, run: { type: 'noop' } });
  const refused = await world.ask({ kind: 'remove-calendar', name: 'off' });
  t.regex(refused.message ?? '', /in use by schedule/);
  t.like(await world.ask({ kind: 'remove-calendar', name: 'off', force: true }), { ok: true });
  t.regex((await world.ask({ kind: 'show-schedule', name: 'daily' })).schedule?.broken ?? '', /off/);
});

test('while no tasks are accepted nothing fires; afterwards the latest is caught up, and the others are told as missed', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1', {}, undefined, { maxTasks: 2, maxBytes: 1_000_000 });
  await set(t, world, 'tick', EVERY_SECOND);
  const blocked = await world.submitter.submit(3, { type: 'other' });
  await world.until(() => (logged(leader, 'schedule.held') ? true : null));
  const count = (await firesOf(world, 'tick')).length;
  const refused = await world.ask({ kind: 'trigger-schedule', name: 'tick', overlap: 'allow' });
  t.regex(refused.message ?? '', /no tasks are accepted/);
  await world.ask({ kind: 'cancel', tasks: [0, 1, 2].map((index) => `${blocked}.${index}`) });
  await world.worker('w1', UNDERSTANDS);
  await world.until(async () => ((await firesOf(world, 'tick')).length > count + 1 ? true : null));
  const fires = await firesOf(world, 'tick');
  t.is(new Set(fires.map(({ nominal }) => nominal)).size, fires.length);
  const first = await firstSecond(world);
  const { fired, missed, skipped, mark } = await stateOf(world);
  t.is(fired + missed + skipped, (mark - first) / 1_000 + 1);
});

test('a back-fill makes each time once, so many at a time, though the leader changes in the middle', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  await world.scheduler('s2');
  const worker = await world.worker('w1', { hold: true, capacity: 16, ...UNDERSTANDS });
  await set(t, world, 'hourly', { when: { every: '1h' }, run: { type: 'noop' } });
  await set(t, world, 'tick', { ...EVERY_SECOND, overlap: 'allow' });
  const to = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const range = { name: 'hourly', from: to - 24 * 3_600_000, to, order: 'oldest' as const, redo: 'missing' as const };
  const dry = await world.ask({ kind: 'backfill-schedule', ...range, parallel: 4, dryRun: true });
  t.is(dry.times?.length, 24);
  t.deepEqual(await firesOf(world, 'hourly'), []);
  const { backfill } = await world.ask({ kind: 'backfill-schedule', ...range, parallel: 4 }, { by: 'ada' });
  t.like(backfill, { parallel: 4, asked: { by: 'ada' } });
  const ended = new Set<string>();
  const most = async (): Promise<Fired[]> => {
    const fires = await firesOf(world, 'hourly');
    const unfinished = fires.filter(({ task }) => !ended.has(task)).length;
    if (unfinished > 4) t.fail(`${unfinished} of 4 at a time`);
    return fires;
  };
  const held = new Set<string>();
  const endOne = async (): Promise<void> => {
    const next = await worker.next(({ id }) => !held.has(id));
    held.add(next.id);
    const { batch, tasks } = next.record;
    if (await worker.succeed(next))
      for (const [from, until] of tasks) for (let i = from; i < until; i++) ended.add(`${batch}.${i}`);
  };
  while ((await most()).length < 8) await endOne();
  await world.kill(first);
  await world.leader(({ id }) => id === 's2');
  while ((await most()).filter(({ task }) => ended.has(task)).length < 24) await endOne();
  const fires = await most();
  t.deepEqual(
    fires.map(({ nominal, kind, id }) => ({ nominal, kind, id })),
    (dry.times ?? []).map((nominal) => ({ nominal, kind: 'backfill', id: backfill?.id })),
  );
  t.true((await firesOf(world, 'tick')).length > 0, 'live fires go on');
  const view = await world.until(async () => {
    const { schedule } = await world.ask({ kind: 'show-schedule', name: 'hourly' });
    return schedule?.backfills?.[0]?.endedAt === undefined ? null : schedule;
  });
  t.like(view, { fired: 0, backfills: [{ fired: 24, skipped: 0, running: 0 }] });
  const again = await world.ask({ kind: 'backfill-schedule', ...range, parallel: 4, dryRun: true });
  t.deepEqual(again.times, []);
  t.like(await world.ask({ kind: 'remove-backfill', name: 'hourly', id: 'nix' }), { schedules: [{ ok: false }] });
});

test('while clocks disagree nothing fires, and it is shown; a leader with other zone data reckons next times anew', async (t) => {
  const world = await World.create(t);
  // Clocks always differ by more than this.
  const zoneData = { version: '2025x' };
  const skewed = { maxClockSkewMs: -1, zoneData };
  const zeroth = await world.scheduler('s0', {}, undefined, undefined, { zoneData });
  await set(t, world, 'tick', {
    ...EVERY_SECOND,
    when: { cron: '* * * * * *', tz: 'Europe/Berlin' },
    overlap: 'allow',
  });
  await zeroth.scheduler.stop();
  const made = await firesOf(world, 'tick');
  const first = await world.scheduler('s1', {}, undefined, undefined, skewed);
  interface Status {
    firesHeld?: { code: string };
  }
  await world.until(async () => ((await world.json<Status>('/status'))?.firesHeld?.code === 'skew' ? true : null));
  const { schedule } = await world.ask({ kind: 'show-schedule', name: 'tick' });
  t.like(schedule?.held, { code: 'skew' });
  t.true(logged(first, 'clock.skew'));
  const reset = await world.ask({ kind: 'reset-schedules', names: ['tick'] });
  t.regex(reset.message ?? '', /when the clocks agree/);
  t.is((await world.json<{ tz: string }>('/schedulers/s1'))?.tz, '2025x');
  await first.scheduler.stop();
  t.deepEqual(await firesOf(world, 'tick'), made);
  const second = await world.scheduler('s2');
  await world.until(async () => ((await firesOf(world, 'tick')).length > made.length ? true : null));
  t.true(logged(second, 'tzdata.changed', { before: '2025x', now: process.versions.tz }));
  await world.until(async () => ((await world.json<Status>('/status'))?.firesHeld === undefined ? true : null));
  const path = '/schedules/0/state';
  const tz = async () => decodeScheduleStates(path, (await world.zk.get(path)).data).tz;
  await world.until(async () => ((await tz()) === process.versions.tz ? true : null));
  t.like((await world.ask({ kind: 'reset-schedules', names: ['tick'] })).schedules, [{ ok: true, change: 'reset' }]);
});
