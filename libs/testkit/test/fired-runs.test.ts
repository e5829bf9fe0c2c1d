import { defineHandlers, flow, InvalidArgumentError, type Duration, type ScheduleFire } from '@drover/client';
import type { TaskFire } from '@drover/core';
import test, { type ExecutionContext } from 'ava';
import { testDrover } from '../src/index.js';

/** Schedules that start runs of flows, and broadcasts. */

type Told = [what: string, fire: TaskFire | undefined];

async function worldOf(t: ExecutionContext) {
  const told: Told[] = [];
  const open: (() => void)[] = [];
  const handlers = defineHandlers({
    note: (what: string, { fire }) => {
      told.push([what, fire]);
      return what;
    },
    /** Until the test lets it end, or it is cancelled. */
    wait: (what: string, { fire, signal }) => {
      told.push([what, fire]);
      return new Promise<string>((resolve, reject) => {
        open.push(() => resolve(what));
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    },
    fail: (what: string, { fire }) => {
      told.push([what, fire]);
      throw new Error('it does not work');
    },
    list: () => ['x', 'y'],
  });
  const kit = await testDrover({ handlers });
  t.teardown(kit.close);
  const pass = async (time: Duration): Promise<void> => {
    await kit.clock.advance(time);
    if (open.length === 0) await kit.settle();
  };
  return { ...kit, told, open, pass };
}

const two = flow<{ day: string }>('two', (f) => {
  const first = f.step('first', 'note', f.input.day);
  return f.step('second', 'note', first.result).result;
});
const long = flow('long', (f) => {
  f.signal('go');
});
const stubborn = flow<string>('stubborn', (f) => {
  f.step('wait', 'wait', f.input);
  f.finally('clean', 'note', 'clean');
});
const failing = flow('failing', (f) => {
  f.step('fail', 'fail', 'x', { maxAttempts: 1 });
});
const EVERY_HOUR = { when: { every: '1h' } } as const;

test('a schedule starts a run of a flow at each of its times; handlers are told which fire it is', async (t) => {
  const { drover, pass, told } = await worldOf(t);
  await drover.schedules.set('hourly', { ...EVERY_HOUR, run: { flow: two, input: { day: 'today' } } });
  await pass('1h');
  await pass('1h');
  t.deepEqual(
    told.map(([what]) => what),
    ['today', 'today', 'today', 'today'],
  );
  const [, fire] = told[0] ?? [];
  t.like(fire, { schedule: 'hourly', kind: 'time', missed: 0 });
  t.is(told[1]?.[1]?.id, fire?.id, 'all steps of a run are the same fire');
  t.not(told[2]?.[1]?.id, fire?.id);
  const { last, fired, failed } = await drover.schedules.get('hourly');
  t.deepEqual([fired, failed], [2, 0]);
  t.is(last?.task, undefined);
  t.is(await drover.flowRun(last?.run ?? '').result(), 'today');
  t.is((await drover.schedules.list())[0]?.last?.run, last?.run);
  const { runs } = await drover.runs.page({ flow: 'two' });
  t.is(runs.length, 2);
});

test('the items of a map and an instant may stand in the input', async (t) => {
  const { drover, pass, told } = await worldOf(t);
  const given = flow<{ files: string[]; at: string }>('given', (f) => {
    const all = f.map('all', 'note', f.input.files);
    f.until('later', f.input.at, { after: all });
  });
  const files = Array.from({ length: 600 }, (_, i) => `f${i}`);
  await drover.schedules.set('hourly', {
    ...EVERY_HOUR,
    run: { flow: given, input: { files, at: '2020-01-01T00:00:00Z' } },
  });
  await pass('1h');
  t.is(new Set(told.map(([what]) => what)).size, 600);
  t.true(told.every(([, fire]) => fire?.schedule === 'hourly'));
  const { last } = await drover.schedules.get('hourly');
  t.is(await drover.flowRun(last?.run ?? '').state(), 'succeeded');
});

const runsOf = (fires: readonly ScheduleFire[]): (string | undefined)[] => fires.map(({ run }) => run);

test('overlap holds for runs: skipped, waiting in turn, replaced, beside each other', async (t) => {
  const { drover, pass } = await worldOf(t);
  const set = (overlap: 'skip' | 'buffer-all' | 'buffer-latest' | 'allow') =>
    drover.schedules.set(overlap, { ...EVERY_HOUR, overlap, run: { flow: long } });
  for (const overlap of ['skip', 'buffer-all', 'buffer-latest', 'allow'] as const) await set(overlap);
  for (let hours = 0; hours < 3; hours++) await pass('1h');
  const of = async (name: string): Promise<[running: number, waiting: number, skipped: number]> => {
    const { running, waiting, skipped } = await drover.schedules.get(name);
    return [running.length, waiting.length, skipped];
  };
  t.deepEqual(await of('skip'), [1, 0, 2]);
  t.deepEqual(await of('buffer-all'), [1, 2, 0]);
  t.deepEqual(await of('buffer-latest'), [1, 1, 1]);
  t.deepEqual(await of('allow'), [3, 0, 0]);
  const view = await drover.schedules.get('buffer-all');
  const [first, second] = runsOf(view.waiting);
  const tree = await drover.flowRun(first ?? '').tree();
  t.is(tree.state, 'waiting');
  t.deepEqual(tree.steps.go?.waitsFor as object, { kind: 'fire', schedule: 'buffer-all' });
  for (const { run } of view.running) await drover.flowRun(run ?? '').signal('go');
  await pass('1s');
  const later = await drover.schedules.get('buffer-all');
  t.deepEqual([runsOf(later.running), runsOf(later.waiting)], [[first], [second]], 'in their order');
  await drover.flowRun(second ?? '').cancel();
  await pass('1s');
  t.is((await drover.schedules.get('buffer-all')).waiting.length, 0);
  t.is(await drover.flowRun(second ?? '').state(), 'cancelled');
});

test('cancel-other and terminate-other end the run before', async (t) => {
  const { drover, pass, told } = await worldOf(t);
  for (const overlap of ['cancel-other', 'terminate-other'] as const)
    await drover.schedules.set(overlap, { when: { every: '4s' }, overlap, run: { flow: stubborn, input: overlap } });
  await pass('4s');
  const before = await Promise.all(
    ['cancel-other', 'terminate-other'].map(async (name) => (await drover.schedules.get(name)).last?.run ?? ''),
  );
  await pass('4s');
  await pass('1s');
  for (const run of before) t.is(await drover.flowRun(run).state(), 'cancelled');
  const cleaned = told.filter(([what]) => what === 'clean').map(([, fire]) => fire?.schedule);
  t.deepEqual(cleaned, ['cancel-other'], 'who is terminated cleans nothing up');
  for (const name of ['cancel-other', 'terminate-other']) {
    const { fired, failed, running, waiting } = await drover.schedules.get(name);
    t.deepEqual([fired, failed, running.length, waiting.length], [2, 0, 1, 0]);
  }
});

test('runs that fail pause the schedule, and a retry runs again what the fire started', async (t) => {
  const { drover, pass, told } = await worldOf(t);
  await drover.schedules.set('bad', { ...EVERY_HOUR, pauseAfterFailures: 2, run: { flow: failing } });
  for (let hours = 0; hours < 3; hours++) await pass('1h');
  const { last, paused, failed, running } = await drover.schedules.get('bad');
  t.deepEqual([failed, running], [2, []]);
  t.regex(paused?.reason ?? '', new RegExp(`2 fires in a row failed, the last one was run ${last?.run}`));
  await drover.flowRun(last?.run ?? '').retry();
  await pass('1s');
  t.is(told.filter(([, fire]) => fire?.nominal === last?.nominal).length, 2);
});

test('a back-fill starts a run for each time of the past that has none', async (t) => {
  const { drover, clock, pass, told } = await worldOf(t);
  await drover.schedules.set('hourly', { ...EVERY_HOUR, run: { flow: two, input: { day: 'x' } } });
  await pass('1h');
  await pass('1s');
  const to = clock.now;
  const range = { from: to - 3 * 3_600_000, to };
  const { id } = await drover.schedules.backfill('hourly', { ...range, parallel: 2 });
  for (let rounds = 0; rounds < 4; rounds++) await pass('1s');
  t.like(await drover.schedules.backfills('hourly'), [{ id, fired: 2, skipped: 1, running: 0 }] as object);
  t.is(new Set(told.map(([, fire]) => fire?.nominal)).size, 3);
  const again = await drover.schedules.backfill('hourly', range);
  await pass('1s');
  const [, second] = await drover.schedules.backfills('hourly');
  t.like(second, { id: again.id, fired: 0, skipped: 3 });
});

test('a schedule broadcasts; the newest closes the one before, which is in nobodys way', async (t) => {
  const { drover, pass, told } = await worldOf(t);
  await drover.schedules.set('flush', { when: { every: '10s' }, run: { broadcast: 'note', payload: 'flush' } });
  await pass('10s');
  const { last: first } = await drover.schedules.get('flush');
  await pass('10s');
  const { last, fired, skipped, running } = await drover.schedules.get('flush');
  t.deepEqual([fired, skipped, running], [2, 0, []]);
  t.like(told[0]?.[1], { schedule: 'flush', kind: 'time' });
  t.is(told.length, 2);
  t.like(await drover.broadcasts.get(first?.broadcast ?? ''), {
    state: 'finished',
    closed: { why: 'superseded', newer: last?.broadcast },
  });
  const triggered = await drover.schedules.trigger('flush');
  await pass('1s');
  t.is((await drover.broadcasts.get(triggered.broadcast ?? '')).counts.succeeded, 1);
});

test('a broadcast waits for the one before, and its time begins when it begins', async (t) => {
  const { drover, pass, open, told } = await worldOf(t);
  const run = { broadcast: 'wait', payload: 'p', joiners: '10s' } as const;
  await drover.schedules.set('slow', { when: { cron: '0 0 1 1 *' }, overlap: 'buffer-one', run });
  await drover.schedules.trigger('slow');
  await pass('1s');
  await drover.schedules.trigger('slow');
  await pass('20s');
  const { running, waiting } = await drover.schedules.get('slow');
  t.deepEqual([running.length, waiting.length, told.length], [1, 1, 1]);
  open.shift()?.();
  await pass('1s');
  t.is(told.length, 2, 'the second has begun');
  t.is((await drover.broadcasts.get(waiting[0]?.broadcast ?? '')).state, 'open');
  open.shift()?.();
  await pass('20s');
  t.like(await drover.schedules.get('slow'), { fired: 2, failed: 0, running: [], waiting: [] });
});

test('what makes no sense is refused, and nothing of it is written', async (t) => {
  const { drover } = await worldOf(t);
  const refused = async (run: object): Promise<string> => {
    const error = await t.throwsAsync(drover.schedules.set('s', { ...EVERY_HOUR, run: run as { type: string } }), {
      instanceOf: InvalidArgumentError,
    });
    return error.message;
  };
  const hash = '0'.repeat(32);
  t.regex(await refused({ flow: 'two', plan: hash }), /there is no plan 0+ that can be run: give the flow itself/);
  t.regex(await refused({ flow: 'two' }), /run\.plan: expected the hash of a plan, or the flow itself/);
  t.regex(await refused({ broadcast: 'note', where: { zone: 1 } }), /run\.where\.zone/);
  t.regex(await refused({ broadcast: 'note', joiners: '90d' }), /run\.joiners: .*30 days/);
  t.deepEqual(await drover.schedules.list(), []);
});

test('an export has the plans, and makes the same schedules elsewhere', async (t) => {
  const { drover } = await worldOf(t);
  const other = await worldOf(t);
  await drover.schedules.set('flow', { ...EVERY_HOUR, run: { flow: two, input: { day: 'x' } } });
  await drover.schedules.set('broadcast', { ...EVERY_HOUR, run: { broadcast: 'note', where: { zone: 'a' } } });
  const text = JSON.stringify(await drover.schedules.export());
  const given = JSON.parse(text) as Awaited<ReturnType<typeof drover.schedules.export>>;
  t.like(await other.drover.schedules.apply(given), { created: ['broadcast', 'flow'] });
  t.like(await drover.schedules.apply(given), { unchanged: ['broadcast', 'flow'] });
  await other.drover.schedules.trigger('flow');
  await other.pass('1s');
  t.is(other.told.length, 2);
});
