import test from 'ava';
import {
  addBackfill,
  cancelBackfill,
  removeBackfill,
  tryBackfill,
  type GivenBackfill,
} from '../src/backfill-changes.js';
import { pauseSchedules, removeSchedules } from '../src/changes.js';
import { viewOf } from '../src/view.js';
import { TestWorld } from './support/world.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 3);
const DAY: GivenBackfill = {
  ...{ name: 's', from: START - 24 * HOUR, to: START, parallel: 100, order: 'oldest', redo: 'missing' },
};

function worldWith(spec: object = {}): TestWorld {
  const world = new TestWorld(START);
  world.set({ name: 's', spec: { when: { every: '1h' }, run: { type: 'noop' }, ...spec } });
  return world;
}

function backfill(world: TestWorld, given: Partial<GivenBackfill> = {}, id = 'b1') {
  const added = addBackfill(world.leader, { ...DAY, ...given }, id, { at: world.now, by: 'ada' });
  if (added.ok && added.draft !== null) world.write([added.draft], []);
  return added;
}

/** All that is due now and what follows from it, with every task succeeding. */
function runAll(world: TestWorld): void {
  for (let rounds = 0; rounds < 50; rounds++) {
    world.now += 100;
    world.fireAll();
    world.begin();
    for (const task of world.of('running')) world.end(task, 'succeeded');
  }
}

const hoursOf = (world: TestWorld): number[] =>
  world.tasks.filter(({ fire }) => fire.kind === 'backfill').map(({ fire }) => (fire.nominal - START) / HOUR);
const refusal = (done: { ok: boolean; message?: string | undefined }): string => (done.ok ? '' : (done.message ?? ''));

test('times are made in parts of a hundred, ten a second, when nothing else is due', (t) => {
  const world = worldWith();
  world.set({ name: 'live', spec: { when: { every: '1s' }, run: { type: 'noop' }, overlap: 'allow' } });
  backfill(world, { from: START - 250 * HOUR, parallel: 1_000 });
  world.now = START + 1_000;
  world.fire();
  t.deepEqual(
    world.tasks.map(({ fire }) => fire.schedule),
    ['live'],
  );
  world.fireAll();
  t.is(world.tasks.length, 101);
  world.now += 99;
  world.fireAll();
  t.is(world.tasks.length, 101);
  world.now += 1;
  world.fireAll();
  t.is(world.tasks.length, 201);
  runAll(world);
  t.is(hoursOf(world).length, 250);
});

test('a fire that somebody removed by hand is missing, before and after a takeover', (t) => {
  const world = worldWith({ overlap: 'allow' });
  world.now = START + HOUR;
  world.fireAll();
  world.begin();
  const range = { from: START - HOUR, to: START + HOUR, redo: 'missing' } as const;
  backfill(world, { ...range, from: START - 3 * HOUR, to: START - 2 * HOUR });
  world.fireAll();
  world.vanish(world.tasks.find(({ fire }) => fire.kind === 'time')!);
  const before = tryBackfill(world.leader, { ...DAY, ...range }, world.now);
  world.takeOver();
  t.deepEqual(before, tryBackfill(world.leader, { ...DAY, ...range }, world.now));
});

test('it is in nobody’s way: live fires, counts, failures in a row and the last fire stay what they were', (t) => {
  const world = worldWith({ pauseAfterFailures: 1, when: { every: '1h', maxFires: 3 } });
  backfill(world, { parallel: 4 });
  world.fireAll();
  world.begin();
  t.like(viewOf(world.leader, 's'), { fired: 0, last: null, backfills: [{ id: 'b1', fired: 4, running: 4 }] });
  world.end(world.of('running')[0]!, 'failed');
  world.now = START + HOUR;
  world.fire();
  world.begin();
  t.is(world.tasks.at(-1)?.fire.kind, 'time', 'a fire starts beside those of a back-fill');
  t.like(viewOf(world.leader, 's'), { fired: 1, failed: 0, paused: null });
});

test('what has a fire is left out; of failed ones on request, or of nothing', (t) => {
  const world = worldWith({ overlap: 'allow' });
  for (let hour = 1; hour <= 4; hour++) {
    world.now = START + hour * HOUR;
    world.fireAll();
    world.begin();
    world.end(world.of('running')[0]!, hour === 2 ? 'failed' : 'succeeded');
  }
  const range = { from: START - 2 * HOUR, to: START + 4 * HOUR };
  const tried = (redo: 'missing' | 'failed' | 'all') => {
    const times = tryBackfill(world.leader, { ...DAY, ...range, redo }, world.now);
    return times.ok ? times.times.map((at) => (at - START) / HOUR) : times.message;
  };
  t.deepEqual(tried('missing'), [-2, -1, 0]);
  t.deepEqual(tried('failed'), [-2, -1, 0, 2]);
  t.deepEqual(tried('all'), [-2, -1, 0, 1, 2, 3]);
  backfill(world, { ...range, redo: 'failed', parallel: 2 });
  // Another one at the same time finds what the first has made.
  backfill(world, { ...range, redo: 'missing' }, 'b2');
  world.takeOver();
  runAll(world);
  t.deepEqual(
    hoursOf(world).sort((a, b) => a - b),
    [-2, -1, 0, 2],
  );
  t.deepEqual(
    viewOf(world.leader, 's')?.backfills?.map(({ id, fired, skipped, running }) => ({
      id,
      made: fired + skipped,
      running,
    })),
    [
      { id: 'b1', made: 6, running: 0 },
      { id: 'b2', made: 6, running: 0 },
    ],
  );
});

test('where fires are not kept any more nobody knows what is missing: that is refused, and from when on it is known', (t) => {
  const world = worldWith({ overlap: 'allow' });
  for (let hour = 1; hour <= 6; hour++) {
    world.now = START + hour * HOUR;
    world.fireAll();
    world.begin();
    world.end(world.of('running')[0]!, 'succeeded');
  }
  // Retention has removed the first two, and kept one that is older still: it failed.
  world.tasks.splice(1, 2);
  const from = (hour: number, redo: 'missing' | 'all' = 'missing') =>
    tryBackfill(world.leader, { ...DAY, from: START + hour * HOUR, to: world.now, redo }, world.now);
  t.regex(refusal(from(1)), /not kept any more.*2026-01-03T04:00:00Z or later.*redo: 'all'/);
  t.regex(refusal(from(3)), /not kept any more/);
  t.true(from(4).ok);
  t.true(from(1, 'all').ok);
  world.tasks.splice(0);
  t.regex(refusal(from(5)), /some of its fires are not kept/);
});

test('the schedule fires by itself what is not over, and what its next time is', (t) => {
  const world = worldWith({ spread: '50m' });
  world.now = START + HOUR + 1;
  t.regex(
    refusal(backfill(world, { to: world.now + 1 })),
    /to: expected an instant that is over, got 2026-01-03T01:00:00.002Z/,
  );
  t.true(backfill(world, { from: START, to: world.now }).ok);
  runAll(world);
  t.deepEqual(hoursOf(world), [0], 'that of 01:00 is due later');
});

test('a paused schedule is back-filled, also for the times of its pause', (t) => {
  const world = worldWith();
  for (const drafts of pauseSchedules(world.leader, ['s'], true, { at: world.now }).transactions)
    world.write(drafts, []);
  world.now = START + 3 * HOUR + 1;
  backfill(world, { from: START, to: world.now });
  runAll(world);
  t.deepEqual(hoursOf(world), [0, 1, 2, 3]);
});

test('what makes no sense is refused: no times, no past, an unknown schedule, too many at a time', (t) => {
  const world = worldWith();
  world.set({ name: 'after', spec: { when: { everyAfter: '1h' }, run: { type: 'noop' } } });
  t.regex(refusal(backfill(world, { name: 'nobody' })), /no schedule named 'nobody'/);
  t.regex(refusal(backfill(world, { name: 'after' })), /everyAfter/);
  t.regex(refusal(backfill(world, { from: START - 2, to: START - 1 })), /no time from .* before/);
  for (let i = 0; i < 10; i++) t.true(backfill(world, {}, `b${i}`).ok);
  t.regex(refusal(backfill(world, {}, 'b10')), /10 back-fills/);
  const again = backfill(world, {}, 'b3');
  t.true(again.ok && again.draft === null, 'the same command is carried out once');
  runAll(world);
  t.is(viewOf(world.leader, 's')?.backfills?.length, 3, 'of those that have ended the last are shown');
  t.true(backfill(world, { redo: 'all' }, 'b10').ok);
});

test('one that is removed makes no more; what runs goes on, or is cancelled', (t) => {
  const world = worldWith();
  backfill(world, { parallel: 2 });
  world.fireAll();
  world.begin();
  t.regex(refusal(removeBackfill(world.leader, 's', 'b7')), /no back-fill 'b7'/);
  const removed = removeBackfill(world.leader, 's', 'b1');
  if (!removed.ok) return t.fail();
  world.write([removed.draft], []);
  runAll(world);
  t.is(world.tasks.length, 2);
  t.deepEqual(viewOf(world.leader, 's')?.backfills, []);
  backfill(world, { parallel: 2 }, 'b2');
  world.fireAll();
  world.begin();
  cancelBackfill(world.leader, 's', 'b2');
  world.turn();
  t.is(world.of('cancelled').length, 2);
});

test('an ended schedule is removed when its back-fills have ended; a removed one has none any more', (t) => {
  const world = worldWith({ when: { every: '1h', maxFires: 1 } });
  world.now = START + HOUR;
  world.fireAll();
  world.begin();
  world.end(world.of('running')[0]!, 'succeeded');
  backfill(world, { parallel: 1 });
  world.now += 10 * HOUR;
  world.fireAll();
  t.true(world.leader.names.has('s'));
  runAll(world);
  world.fireAll();
  t.false(world.leader.names.has('s'));
  const gone = worldWith();
  backfill(gone, { parallel: 1 });
  gone.fireAll();
  for (const drafts of removeSchedules(gone.leader, ['s']).transactions) gone.write(drafts, []);
  runAll(gone);
  t.is(gone.tasks.length, 1);
  t.is(gone.leader.backfills.nextAt, null);
});
