import { fc, testProp } from '@fast-check/ava';
import { FIRE_STARTS } from '@drover/protocol';
import { CATCH_UPS, OVERLAP_NAMES } from '../src/policies.js';
import { RUNS, TestWorld } from './support/world.js';

const START = Date.UTC(2026, 2, 29, 0, 59, 50);

const anySpec = fc.record({
  every: fc.integer({ min: 1, max: 5 }),
  overlap: fc.constantFrom(...OVERLAP_NAMES),
  run: fc.constantFrom(...CATCH_UPS),
  windowS: fc.constantFrom(10, 86_400),
  jitter: fc.constantFrom(0, 900),
  except: fc.boolean(),
  starts: fc.constantFrom(...FIRE_STARTS),
});
type AnySpec = typeof anySpec extends fc.Arbitrary<infer T> ? T : never;

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4_000 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fire' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
  {
    weight: 5,
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
      goneMs: fc.integer({ min: 0, max: 20_000 }),
    }),
  },
);
type AnyStep = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

const specOf = ({ every, overlap, run, windowS, jitter, except, starts }: AnySpec): object => ({
  when: { every: `${every}s`, ...(except ? { except: ['*/7 * * * * *'] } : {}) },
  run: RUNS[starts],
  overlap,
  catchUp: { run, window: windowS * 1_000 },
  jitter,
});

function step(world: TestWorld, each: AnyStep): void {
  switch (each.kind) {
    case 'pass':
      world.now += each.ms;
      return;
    case 'fire':
      world.fire();
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
      world.now += each.goneMs;
      world.takeOver();
  }
}

/** All times of the grid after `from`, up to `to`. */
function grid(every: number, from: number, to: number): number[] {
  const times: number[] = [];
  for (let at = (Math.floor(from / every) + 1) * every; at <= to; at += every) times.push(at);
  return times;
}

testProp(
  'each nominal time ends as exactly one of fired, skipped, missed and excluded, whoever leads',
  [fc.array(anySpec, { minLength: 1, maxLength: 4 }), fc.array(anyStep, { minLength: 5, maxLength: 60 })],
  (t, specs, steps) => {
    const world = new TestWorld(START);
    specs.forEach((spec, i) => world.set({ name: `s${i}`, spec: specOf(spec) }));
    for (const each of steps) {
      step(world, each);
      specs.forEach((spec, i) => {
        if (spec.overlap === 'allow') return;
        const out = world.tasks.filter(({ fire, state }) => fire.schedule === `s${i}` && state === 'running');
        if (out.length > 1) t.fail(`${out.length} of s${i} run at once with ${spec.overlap}`);
      });
    }
    world.now += 30_000;
    world.fireAll();
    specs.forEach((spec, i) => {
      const name = `s${i}`;
      const schedule = world.leader.names.get(name);
      if (schedule === undefined) return t.fail(`${name} is gone`);
      const { mark, fired, skipped, missed, excluded } = schedule.state;
      const times = grid(spec.every * 1_000, START, mark);
      const tasks = world.tasks.filter(({ fire }) => fire.schedule === name);
      const nominals = tasks.map(({ fire }) => fire.nominal);
      t.is(new Set(nominals).size, nominals.length, 'a nominal time was fired twice');
      for (const nominal of nominals) if (!times.includes(nominal)) t.fail(`${nominal} is no time of ${name}`);
      t.is(fired + skipped + missed + excluded, times.length);
      const superseded = tasks.length - fired;
      t.true(superseded >= 0 && superseded <= skipped);
      const taken = spec.except ? times.filter((at) => new Date(at).getUTCSeconds() % 7 === 0) : [];
      t.is(excluded, taken.length);
      t.deepEqual(
        tasks.filter(({ fire: { nominal } }) => taken.includes(nominal)),
        [],
      );
      t.is(new Set(tasks.map(({ fire: { n } }) => n)).size, tasks.length, 'two fires have one number');
    });
  },
);

testProp(
  'what waits starts in the end, in its order, when what runs has ended',
  [anySpec, fc.array(anyStep, { minLength: 5, maxLength: 40 })],
  (t, spec, steps) => {
    const world = new TestWorld(START);
    world.set({ name: 's', spec: specOf(spec) });
    const begun: number[] = [];
    for (const each of steps) {
      const before = new Set(world.of('running'));
      step(world, each);
      for (const { fire } of world.of('running').filter((task) => !before.has(task))) begun.push(fire.n);
    }
    for (let rounds = 0; rounds < 2_000 && world.tasks.some(({ state }) => isOpen(state)); rounds++) {
      world.begin();
      for (const task of world.of('running')) {
        if (!begun.includes(task.fire.n)) begun.push(task.fire.n);
        world.end(task, 'succeeded');
      }
    }
    t.deepEqual(
      world.tasks.filter(({ state }) => isOpen(state)),
      [],
    );
    if (spec.overlap !== 'allow')
      t.deepEqual(
        [...begun],
        [...begun].sort((a, b) => a - b),
      );
  },
);

const isOpen = (state: string): boolean => state === 'held' || state === 'pending' || state === 'running';
