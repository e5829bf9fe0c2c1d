import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { brokenLaws, brokenLawsOf, heldBack, passedOver, strategyNamed, strategyNames, type Call } from './index.js';
import type { Candidate, StrategyFactory } from './strategy.js';

/** The same numbers in [0, 1) for the same seed: a linear congruential generator, good enough for tests. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const anyCandidate = fc
  .record({
    capacity: fc.integer({ min: 1, max: 20 }),
    out: fc.nat(600),
    ahead: fc.nat(500),
    weight: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0.1, max: 10, noNaN: true })),
  })
  .map(({ capacity, out, ahead, weight }) => ({ capacity, out, weight, free: Math.max(0, capacity + ahead - out) }));

const anyCall = fc.record({
  count: fc.nat(1_200),
  candidates: fc
    .array(anyCandidate, { minLength: 1, maxLength: 12 })
    .map((list) => list.map((fields, index): Candidate => ({ ...fields, worker: `w${index}` }))),
});
const anyCalls = fc.array(anyCall, { minLength: 1, maxLength: 12 });

for (const name of strategyNames()) {
  testProp(`${name} obeys the laws of all strategies`, [anyCalls, fc.nat()], (t, calls, seed) => {
    const factory: StrategyFactory = () => strategyNamed(name);
    t.deepEqual(
      brokenLawsOf(factory, calls, () => seededRandom(seed)),
      [],
    );
  });
}

for (const name of ['random', 'round-robin', 'least-loaded']) {
  testProp(`${name} passes over nobody idle, and holds nothing back`, [anyCalls, fc.nat()], (t, calls, seed) => {
    const strategy = strategyNamed(name);
    const random = seededRandom(seed);
    const answers = calls.map((call) => strategy.distribute(call.count, call.candidates, random));
    t.deepEqual(
      calls.map((call, index) => heldBack(call, answers[index] ?? [])),
      calls.map(() => 0),
    );
    t.deepEqual(
      calls.map((call, index) => passedOver(call, answers[index] ?? [])),
      calls.map(() => null),
    );
  });
}

testProp(
  'least-loaded: no task goes to a worker while another with room has less out for its capacity',
  [anyCall, fc.nat()],
  (t, call, seed) => {
    const given = strategyNamed('least-loaded').distribute(call.count, call.candidates, seededRandom(seed));
    const before = call.candidates
      .map(({ out, capacity }, index) => ((given[index] ?? 0) > 0 ? (out + (given[index] ?? 0) - 1) / capacity : 0))
      .reduce((most, load) => Math.max(most, load), 0);
    const least = call.candidates
      .filter(({ free }, index) => (given[index] ?? 0) < free)
      .map(
        ({ worker, out, capacity }) =>
          (out + (given[call.candidates.findIndex((c) => c.worker === worker)] ?? 0)) / capacity,
      )
      .reduce((most, load) => Math.min(most, load), Infinity);
    t.true(before <= least + 1e-9);
  },
);

/** Everybody idle with as much room as anybody wants. */
const roomy = (weights: readonly number[], room = 100_000): Candidate[] =>
  weights.map((weight, index) => ({ worker: `w${index}`, weight, out: 0, free: room, capacity: room }));

testProp(
  'weighted: shares of tasks are those of the weights, within two tasks, whatever the calls',
  [
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }),
  ],
  (t, weights, counts) => {
    const strategy = strategyNamed('weighted');
    const given = weights.map(() => 0);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    let total = 0;
    for (const count of counts) {
      total += count;
      strategy
        .distribute(count, roomy(weights), () => 0)
        .forEach((tasks, index) => (given[index] = (given[index] ?? 0) + tasks));
    }
    t.is(
      given.reduce((sum, tasks) => sum + tasks, 0),
      total,
    );
    const off = weights.map((weight, index) => Math.abs((given[index] ?? 0) - (total * weight) / all));
    t.true(Math.max(...off) <= 2, `off by ${Math.max(...off)} tasks`);
  },
);

/** Workers that run tasks of one length, each `capacity` at a time, over many rounds; everybody ends a task when its time is over. */
function saturate(weights: readonly number[], capacity: number, lengths: readonly number[], rounds: number): number[] {
  const strategy = strategyNamed('weighted');
  const ends: number[][] = weights.map(() => []);
  const given = weights.map(() => 0);
  for (let now = 0; now < rounds; now++) {
    ends.forEach((times, index) => (ends[index] = times.filter((at) => at > now)));
    const candidates = weights.map((weight, index): Candidate => {
      const out = ends[index]?.length ?? 0;
      return { worker: `w${index}`, weight, out, free: capacity - out, capacity };
    });
    strategy
      .distribute(1_000_000, candidates, () => 0)
      .forEach((tasks, index) => {
        given[index] = (given[index] ?? 0) + tasks;
        for (let task = 0; task < tasks; task++) ends[index]?.push(now + (lengths[index] ?? 1));
      });
  }
  return given;
}

test('weighted: 3:1 holds when both are saturated too', (t) => {
  const [heavy = 0, light = 0] = saturate([3, 1], 8, [10, 10], 3_000);
  t.true(Math.abs(heavy / light - 3) < 0.1, `${heavy}:${light}`);
});

test('weighted: tasks that come one at a time are shared 3:1', (t) => {
  const strategy = strategyNamed('weighted');
  const turns = Array.from({ length: 8 }, () => strategy.distribute(1, roomy([3, 1]), () => 0));
  t.is(turns.filter(([heavy]) => heavy === 1).length, 6);
});

test("weighted: a light worker beside a heavy one that hangs goes on with its part of the heavy one's capacity", (t) => {
  const strategy = strategyNamed('weighted');
  const hung: Candidate = { worker: 'heavy', weight: 3, out: 9, free: 0, capacity: 9 };
  for (let round = 0; round < 100; round++) {
    const light: Candidate = { worker: 'light', weight: 1, out: 0, free: 9, capacity: 9 };
    const [, given = 0] = strategy.distribute(50, [hung, light], () => 0);
    t.is(given, 3);
  }
});

test('weighted: equal workers of equal weight run at their full capacity beside one that hangs', (t) => {
  const strategy = strategyNamed('weighted');
  const hung: Candidate = { worker: 'a', weight: 1, out: 8, free: 0, capacity: 8 };
  for (let round = 0; round < 100; round++) {
    const other: Candidate = { worker: 'b', weight: 1, out: 3, free: 5, capacity: 8 };
    t.deepEqual(
      strategy.distribute(50, [hung, other], () => 0),
      [0, 5],
    );
  }
});

test('weighted: one that is left alone is held back by nothing', (t) => {
  const strategy = strategyNamed('weighted');
  const hung: Candidate = { worker: 'heavy', weight: 3, out: 9, free: 0, capacity: 9 };
  const light: Candidate = { worker: 'light', weight: 1, out: 0, free: 500, capacity: 9 };
  for (let round = 0; round < 100; round++) strategy.distribute(500, [hung, light], () => 0);
  t.deepEqual(
    strategy.distribute(500, [light], () => 0),
    [500],
  );
});

test('a broken law is named', (t) => {
  const candidates = [{ worker: 'a', weight: 1, out: 0, free: 2, capacity: 2 }];
  t.deepEqual(brokenLaws({ count: 5, candidates }, [3]), ['a is given 3, it may be given 2']);
  t.deepEqual(brokenLaws({ count: 1, candidates }, [2]), ['2 tasks are given, there are 1']);
  t.deepEqual(brokenLaws({ count: 1, candidates }, [0.5]), ['a is given 0.5: not a number of tasks']);
  t.deepEqual(brokenLaws({ count: 1, candidates }, [0]), ['nothing is given although a is idle and may be given 2']);
  t.deepEqual(brokenLaws({ count: 1, candidates }, [1, 0]), ['2 numbers for 1 candidates: there must be one for each']);
});

test('a strategy whose answers depend on something else than the calls is found out', (t) => {
  let asked = 0;
  const moody: StrategyFactory = () => ({ name: 'moody', distribute: () => (asked++ % 2 === 0 ? [1] : [2]) });
  const call: Call = { count: 5, candidates: [{ worker: 'a', weight: 1, out: 0, free: 2, capacity: 2 }] };
  t.deepEqual(
    brokenLawsOf(moody, [call], () => () => 0),
    ['call 0: asked again, the answer is another'],
  );
});
