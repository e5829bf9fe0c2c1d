import { compile, parseWhen } from '@drover/calendar';
import { fc, testProp } from '@fast-check/ava';
import { addBackfill, type GivenBackfill } from '../src/backfill-changes.js';
import { isExhausted, nextPart, type Backfill } from '../src/backfill.js';
import { backfillsOf } from '../src/backfills.js';
import { TestWorld } from './support/world.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 29, 12);

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'fire' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'begin' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(20),
      state: fc.constantFrom('succeeded' as const, 'failed' as const, 'cancelled' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('die' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
);
type AnyStep = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

function step(world: TestWorld, each: AnyStep): void {
  switch (each.kind) {
    case 'fire':
      world.fire();
      return;
    case 'pass':
      world.now += each.ms;
      return;
    case 'begin':
      world.begin();
      return;
    case 'end': {
      const running = world.of('running');
      const task = running[each.which % Math.max(1, running.length)];
      if (task !== undefined) world.end(task, each.state);
      return;
    }
    case 'die':
      if (!world.fire(each.when)) world.takeOver();
  }
}

function backfill(world: TestWorld, given: Partial<GivenBackfill>, id = 'b1'): Backfill {
  const added = addBackfill(
    world.leader,
    { name: 's', from: START - 24 * HOUR, to: START, parallel: 1, order: 'oldest', redo: 'missing', ...given },
    id,
    { at: world.now },
  );
  if (!added.ok) throw new Error(added.message);
  if (added.draft !== null) world.write([added.draft], []);
  return added.backfill;
}

testProp(
  'a back-fill makes each time of its range once, never more at once than it may, whoever leads; live fires go on',
  [
    fc.record({
      parallel: fc.integer({ min: 1, max: 5 }),
      order: fc.constantFrom('oldest' as const, 'newest' as const),
      hours: fc.integer({ min: 1, max: 30 }),
      // With `all` the cursor alone keeps a time from being made twice.
      redo: fc.constantFrom('missing' as const, 'all' as const),
      overlap: fc.constantFrom('skip', 'buffer-latest', 'cancel-other', 'allow'),
    }),
    fc.array(anyStep, { minLength: 5, maxLength: 80 }),
  ],
  (t, { parallel, order, hours, overlap, redo }, steps) => {
    const world = new TestWorld(START);
    world.set({ name: 's', spec: { when: { every: '1h' }, run: { type: 'noop' }, overlap } });
    world.set({ name: 'other', spec: { when: { every: '1m' }, run: { type: 'noop' }, overlap: 'allow' } });
    const from = START - hours * HOUR;
    backfill(world, { from, parallel, order, redo });
    const made = () => world.tasks.filter(({ fire }) => fire.kind === 'backfill');
    const check = (): void => {
      const unfinished = made().filter(({ state }) => state === 'pending' || state === 'running');
      if (unfinished.length > parallel) t.fail(`${unfinished.length} at once, not ${parallel}`);
    };
    for (const each of steps) {
      step(world, each);
      check();
    }
    for (let rounds = 0; rounds < 200 && backfillsOf(world.leader.names.get('s')!.state).some(isUnended); rounds++) {
      world.now += 100;
      world.fireAll();
      world.begin();
      check();
      for (const task of world.of('running')) world.end(task, 'succeeded');
    }
    t.false(backfillsOf(world.leader.names.get('s')!.state).some(isUnended), 'it has not ended');
    const nominals = made().map(({ fire }) => fire.nominal);
    const expected = Array.from({ length: hours }, (_, i) => from + i * HOUR);
    t.deepEqual(nominals, order === 'oldest' ? expected : expected.reverse());
    t.true(made().every(({ fire }) => fire.id === 'b1' && fire.wait === undefined));
    const { seq, mark } = world.leader.names.get('s')!.state;
    const all = world.tasks.filter(({ fire }) => fire.schedule === 's').map(({ fire }) => fire.n);
    t.is(new Set(all).size, all.length, 'two fires have one number');
    t.true(all.every((n) => n <= seq));
    t.true(mark >= START, 'the mark stays where it was');
    t.deepEqual(
      world.tasks.filter(({ fire }) => fire.kind !== 'backfill' && fire.nominal < START),
      [],
    );
  },
);

const isUnended = ({ endedAt }: Backfill): boolean => endedAt === undefined;

testProp(
  'whatever the calendar, parts of any size give the same times as the calendar does, in either order',
  [
    fc.constantFrom(
      { every: '45m' },
      { cron: '30 2 * * *', tz: 'Europe/Berlin' },
      { cron: '*/30 * * * *', tz: 'Europe/Berlin', except: ['08:00-20:00'] },
      { cron: '0 0 1 * *' },
    ),
    fc.constantFrom('oldest' as const, 'newest' as const),
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
    fc.integer({ min: 1, max: 40 * 24 }),
    fc.integer({ min: 2, max: 5 }),
  ],
  (t, when, order, sizes, hours, modulus) => {
    const calendar = compile(parseWhen('when', when));
    const [from, to] = [START - hours * HOUR, START];
    const skips = (nominal: number): boolean => (nominal / 60_000) % modulus === 0;
    let backfill: Backfill = {
      ...{ id: 'b', from, to, cursor: order === 'oldest' ? from : to, parallel: 1, order, redo: 'missing' },
      ...{ fired: 0, skipped: 0, asked: { at: 0 } },
    };
    const times: number[] = [];
    let skipped = 0;
    for (let part = 0; !isExhausted(backfill); part++) {
      const next = nextPart(backfill, calendar, skips, sizes[part % sizes.length] ?? 1);
      times.push(...next.times);
      skipped += next.skipped;
      backfill = { ...backfill, cursor: next.cursor };
    }
    const all = calendar.between(from, to, 1e6);
    const wanted = all.filter((nominal) => !skips(nominal));
    t.deepEqual(times, order === 'oldest' ? wanted : wanted.reverse());
    t.is(skipped, all.length - wanted.length);
  },
);
