import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { advise, type Advised, type ScaleMemory, type ScaleSpec } from './advice.js';
import { timesIn } from './packing.js';
import { needSteps, type Arrivals, type Line, type Load, type Need, type SeenWorker } from './need.js';

const MINUTE = 60_000;
const SPEC: ScaleSpec = {
  ...{ min: 1, max: 20, idleForMs: 5 * MINUTE, drainWithinMs: MINUTE, cooldownMs: 5 * MINUTE },
  bootWithinMs: 3 * MINUTE,
};
const TEMPLATE = { slots: 4_000, cpu: 4_000 };

const line = (over: Partial<Line> = {}): Line => ({
  ...{ key: 'mail', demand: { slots: 1_000 }, pending: 0, meanMs: 2_000, fits: () => true },
  ...over,
});
const worker = (id: string, over: Partial<SeenWorker> = {}): SeenWorker => ({
  ...{ id, name: id, pool: 'p', capacity: TEMPLATE, since: 0, draining: false, isGivenUp: false },
  ...{ held: [], isBusy: false },
  ...over,
});
const workers = (count: number, over: Partial<SeenWorker> = {}): SeenWorker[] =>
  Array.from({ length: count }, (_, at) => worker(`w${at}`, over));

function needOf(load: Load, before: Arrivals | null = null, now = 0, max: number | null = null): Need {
  const steps = needSteps(load, before, { pool: 'p', template: TEMPLATE, max, drainWithinMs: MINUTE }, now);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

test('short tasks need the workers that bring them through in time, long ones a place each', (t) => {
  t.is(needOf({ lines: [line({ pending: 1_200 })], workers: [] }).workers, 10);
  t.is(needOf({ lines: [line({ pending: 40, meanMs: 3_600_000 })], workers: [] }).workers, 10);
  t.is(needOf({ lines: [line({ pending: 1 })], workers: [] }).workers, 1);
  t.is(needOf({ lines: [], workers: [] }).workers, 0);
});

test('a demand that one more worker could not take either is no reason for one', (t) => {
  t.is(needOf({ lines: [line({ pending: 100, demand: { slots: 1_000, gpu: 1_000 } })], workers: [] }).workers, 0);
});

test('workers that are busy with a backlog are no reason for more of them', (t) => {
  const held = [{ key: 'mail', demand: { slots: 1_000 }, count: 4, meanMs: 2_000 }];
  const load = { lines: [line({ pending: 600 })], workers: workers(10, { held, isBusy: true }) };
  const before = needOf({ lines: [line({ pending: 800 })], workers: load.workers }, null, 0).arrivals;
  t.is(needOf(load, { ...before, workers: 0 }, 10_000).workers, 5);
});

test('room at workers is filled before there are new ones; a place that long tasks have is none', (t) => {
  const big = line({ key: 'big', pending: 1, meanMs: 3_600_000, demand: { slots: 1_000, cpu: 3_000 } });
  t.is(needOf({ lines: [big], workers: workers(2) }).workers, 1);
  const held = [{ key: 'old', demand: { slots: 1_000, cpu: 2_000 }, count: 1, meanMs: 3_600_000 }];
  t.is(needOf({ lines: [big], workers: workers(2, { held, isBusy: true }) }).workers, 3);
});

test('room at workers that may not run a task is none', (t) => {
  const gpu = line({ pending: 4, meanMs: 3_600_000, fits: () => false });
  t.is(needOf({ lines: [gpu], workers: workers(2) }).workers, 3);
});

test('a type of which nobody tells is taken for as long as nobody has told', (t) => {
  const load = { lines: [line({ pending: 400, meanMs: null })], workers: [] };
  const first = needOf(load);
  t.is(first.workers, 2);
  t.is(needOf(load, first.arrivals, MINUTE).workers, 100);
});

test('steady arrivals keep their workers, although nothing waits', (t) => {
  const held = [{ key: 'mail', demand: { slots: 1_000 }, count: 4, meanMs: 2_000 }];
  const load = { lines: [line()], workers: workers(5, { held, isBusy: true }) };
  let arrivals: Arrivals | null = null;
  for (let at = 0; at < 600_000; at += 5_000) arrivals = needOf(load, arrivals, at).arrivals;
  t.is(needOf(load, arrivals, 600_000).workers, 5);
});

const anyLine = fc.record({
  pending: fc.nat(5_000),
  meanMs: fc.option(fc.double({ min: 0.001, max: 1e8, noNaN: true })),
  slots: fc.constantFrom(0, 1_000, 2_000),
  cpu: fc.integer({ min: 0, max: 5_000 }),
});
const anyLoad = fc
  .record({ lines: fc.array(anyLine, { maxLength: 20 }), workers: fc.nat(10) })
  .map(({ lines, workers: count }): Load => ({
    lines: lines.map(({ pending, meanMs, slots, cpu }, at) =>
      line({ key: `class ${at}`, pending, meanMs, demand: { slots, cpu } }),
    ),
    workers: workers(count),
  }));

testProp('the order of what waits does not matter, nor that of workers', [anyLoad, fc.nat()], (t, load, seed) => {
  const turned = <T>(all: readonly T[]): T[] => [
    ...all.slice(seed % (all.length + 1)),
    ...all.slice(0, seed % (all.length + 1)),
  ];
  const other = { lines: [...turned(load.lines)].reverse(), workers: turned(load.workers) };
  t.is(needOf(other).workers, needOf(load).workers);
});

testProp('there is a place for each whole task that one more worker could run', [anyLoad], (t, load) => {
  const { workers: needed } = needOf(load);
  t.true(needed >= 0);
  for (const { pending, meanMs, demand } of load.lines) {
    const fit = timesIn(TEMPLATE, demand);
    const whole = Math.floor(pending * Math.min(1, (meanMs ?? 1_000) / MINUTE));
    if (fit > 0) t.true(needed * fit >= whole);
  }
});

testProp('asked again while nobody has come, the advice is the same', [anyLoad], (t, load) => {
  let memory: ScaleMemory | null = null;
  const wanted = new Set<number>();
  for (let now = 0; now < 120_000; now += 5_000) {
    const need = needOf(
      { ...load, lines: load.lines.filter(({ meanMs }) => meanMs !== null) },
      memory?.arrivals ?? null,
      now,
      20,
    );
    const advised: Advised = advise(memory, { pool: 'p', spec: SPEC, need, workers: load.workers, now });
    ({ memory } = advised);
    wanted.add(advised.advice.wanted);
  }
  t.is(wanted.size, 1);
});

const anySpec = fc.record({
  min: fc.integer({ min: 0, max: 5 }),
  max: fc.option(fc.integer({ min: 5, max: 30 })),
  idleForMs: fc.option(fc.integer({ min: 0, max: 600_000 })),
  drainWithinMs: fc.constant(MINUTE),
  cooldownMs: fc.integer({ min: 0, max: 600_000 }),
  bootWithinMs: fc.integer({ min: 0, max: 300_000 }),
});
const anyNeeds = fc.array(fc.record({ passedMs: fc.integer({ min: 1, max: 60_000 }), workers: fc.nat(40) }), {
  minLength: 1,
  maxLength: 300,
  size: 'max',
});

/** The workers are as many as the advice wants, at once, or never. */
function follow(
  spec: ScaleSpec,
  needs: readonly { passedMs: number; workers: number }[],
  obeys: boolean,
): { now: number; advised: Advised; have: number }[] {
  let memory: ScaleMemory | null = null;
  let now = 0;
  let have = 3;
  const all = [];
  for (const { passedMs, workers: needed } of needs) {
    now += passedMs;
    const need: Need = {
      workers: needed,
      arrivals: { at: now, workers: 0, known: new Map() },
      pending: 0,
      meanMs: null,
    };
    const advised = advise(memory, { pool: 'p', spec, need, workers: workers(have), now });
    ({ memory } = advised);
    all.push({ now, advised, have });
    if (obeys) have = advised.advice.wanted;
  }
  return all;
}

testProp(
  'it is never below min or above max, and goes up at once',
  [anySpec, anyNeeds, fc.boolean()],
  (t, spec, needs, obeys) => {
    for (const [at, { advised }] of follow(spec, needs, obeys).entries()) {
      const { wanted } = advised.advice;
      t.true(wanted >= spec.min && wanted <= (spec.max ?? Infinity));
      t.true(wanted >= Math.min(spec.max ?? Infinity, needs[at]?.workers ?? 0));
    }
  },
);

testProp(
  'it turns twice in ten minutes at most, and falls once in a cooldown',
  [anySpec, anyNeeds, fc.boolean()],
  (t, spec, needs, obeys) => {
    const turns: number[] = [];
    let direction = 0;
    let before: { now: number; wanted: number } | null = null;
    let changedAt = -Infinity;
    for (const { now, advised } of follow(spec, needs, obeys)) {
      const { wanted } = advised.advice;
      const change = before === null ? 0 : Math.sign(wanted - before.wanted);
      if (change !== 0) {
        if (direction !== 0 && change !== direction) turns.push(now);
        if (change < 0) t.true(now - changedAt >= spec.cooldownMs);
        direction = change;
        changedAt = now;
      }
      before = { now, wanted };
    }
    t.true(changedAt < Infinity);
    for (const [at, turn] of turns.entries()) t.true((turns[at + 2] ?? Infinity) - turn >= 600_000);
  },
);

testProp(
  'nobody is given up while he is needed, or where nobody is to be given up',
  [anySpec, anyNeeds],
  (t, spec, needs) => {
    for (const { advised, have } of follow(spec, needs, false)) {
      t.true(advised.drain.length <= Math.max(0, have - advised.advice.wanted));
      if (spec.idleForMs === null) t.is(advised.drain.length, 0);
    }
  },
);

const need = (count: number, now: number): Need => ({
  ...{ workers: count, arrivals: { at: now, workers: 0, known: new Map() }, pending: 0, meanMs: null },
});

/** A pool of so many workers that needs one, for so long that others may go. */
function surplus(some: readonly SeenWorker[]): Advised {
  let memory: ScaleMemory | null = null;
  for (let now = 0; ; now += MINUTE) {
    const advised: Advised = advise(memory, { pool: 'p', spec: SPEC, need: need(1, now), workers: some, now });
    ({ memory } = advised);
    if (advised.drain.length > 0 || now > 60 * MINUTE) return advised;
  }
}

test('the least loaded are given up, then the newest; one that has just come is left alone', (t) => {
  const held = [{ key: 'mail', demand: { slots: 1_000 }, count: 1, meanMs: 2_000 }];
  const some = [
    worker('old', { since: -9 * MINUTE }),
    worker('busy', { since: -8 * MINUTE, held, isBusy: true }),
    worker('new', { since: -7 * MINUTE }),
    worker('fresh', { since: 4 * MINUTE }),
  ];
  t.deepEqual(surplus(some).drain, ['new', 'old', 'busy']);
});

test('only those that were given up and are empty may be removed; all of them come back before there are new ones', (t) => {
  const gone = { draining: true, isGivenUp: true };
  const some = [
    worker('a'),
    worker('b', gone),
    worker('c', { ...gone, isBusy: true }),
    worker('d', { draining: true }),
  ];
  const { advice } = advise(null, { pool: 'p', spec: SPEC, need: need(1, 0), workers: some, now: 0 });
  t.deepEqual(advice.remove, ['b']);
  t.like(advice, { have: 1, wanted: 1 });
  const more = advise(null, { pool: 'p', spec: SPEC, need: need(3, 0), workers: some, now: 0 });
  t.deepEqual(more.undrain, ['c', 'b']);
  t.deepEqual(more.advice.remove, []);
});

test('workers that are asked for count as coming, for a while; somebody may say it better', (t) => {
  const look = (now: number, have = 2): Parameters<typeof advise>[1] => ({
    ...{ pool: 'p', spec: SPEC, need: need(6, now), workers: workers(have), now },
  });
  const first = advise(null, look(0));
  t.like(first.advice, { wanted: 6, have: 2, coming: 4 });
  t.like(advise(first.memory, look(MINUTE, 4)).advice, { coming: 2 });
  const late = advise(first.memory, look(4 * MINUTE));
  t.like(late.advice, { wanted: 6, coming: 4 });
  t.not(late.memory.askedAt, first.memory.askedAt);
  const told = { ...first.memory, coming: { count: 1, at: MINUTE } };
  t.like(advise(told, look(MINUTE + 1)).advice, { coming: 1 });
});

test('what a leader has kept is what the next one goes on from', (t) => {
  const { memory } = advise(null, { pool: 'p', spec: SPEC, need: need(9, 0), workers: workers(2), now: 0 });
  const { wanted, changedAt, direction, turns, askedAt, coming } = memory;
  const lasting = { wanted, changedAt, direction, turns, askedAt, coming };
  const next = advise(lasting, { pool: 'p', spec: SPEC, need: need(1, 20_000), workers: workers(2), now: 20_000 });
  t.like(next.advice, { wanted: 9, have: 2, coming: 7 });
});
