import test from 'ava';
import { check, fault, report, sample, type Lines } from '../../test/lines.js';

const settings = { sessionTimeoutMs: 2_000, tickMs: 500, electionMs: 1_000 };
const killed = (lines: Lines) => check('a killed leader is replaced in time', lines, settings);
const stopped = (lines: Lines) => check('a stopped leader hands over at once', lines, settings);
const s1 = (at: number) => sample(at, { leader: 's1', epoch: 1 });
const none = (at: number) => sample(at, { leader: null });
const s2 = (at: number) => sample(at, { leader: 's2', epoch: 2 });
const kill = fault(1, 1_000, 1_500, { leader: 'killed' });
const stop = fault(1, 1_000, 1_500, { leader: 'stopped', orderly: true });

test('from the kill to the next epoch, although the dead one still stands in ZooKeeper', async (t) => {
  t.is((await killed({ faults: kill, samples: [s1(900), s1(3_000), none(3_400), s2(4_500)] })).verdict, 'held');
  const { first } = await killed({ faults: kill, samples: [s1(900), s1(3_000), none(3_400), s2(4_501)] });
  t.is(first?.what, 'after fault 1 (cut w1) nobody led for 3501 ms, the bound is 3500 ms');
});

test('the same scheduler in the next epoch leads again', async (t) => {
  const samples = [s1(900), none(1_400), sample(1_600, { leader: 's1', epoch: 2 })];
  t.is((await killed({ faults: kill, samples })).verdict, 'held');
});

test('nobody to the end is broken', async (t) => {
  const { first } = await killed({ faults: kill, samples: [s1(900), s1(3_000), none(9_000)] });
  t.regex(first?.what ?? '', /nobody led until the end of the samples/);
});

test('an orderly stop counts from when the old leader was last seen', async (t) => {
  t.is((await stopped({ faults: stop, samples: [s1(900), s1(1_400), none(1_500), s2(1_700)] })).verdict, 'held');
  const { first } = await stopped({ faults: stop, samples: [s1(900), s1(1_400), none(1_500), s2(1_701)] });
  t.is(first?.what, 'after fault 1 (cut w1) nobody led for 301 ms, the bound is 300 ms');
});

test('where other faults are underway the bound is not asked for, and the report says how often', async (t) => {
  const lines = { faults: [...kill, ...fault(2, 2_000, 8_000)], samples: [s1(900), s2(9_000)] };
  t.is((await killed(lines)).verdict, 'not checked');
  const { statistics } = await report(lines, settings);
  t.deepEqual(statistics.leaderless.killed, {
    ...{ count: 0, disturbed: 1, medianMs: null, p99Ms: null, maxMs: null },
    allMs: [],
  });
});

test('faults of workers and clients do not disturb an election', async (t) => {
  for (const role of ['worker', 'client'] as const) {
    const faults = [...kill, ...fault(2, 900, 8_000, { role })];
    t.is((await killed({ faults, samples: [s1(900), s2(2_000)] })).verdict, 'held', role);
  }
});

test('one of a hundred may be late; two are not', async (t) => {
  const run = (late: number): Lines => {
    const rounds = Array.from({ length: 100 }, (_, n) => ({ n, at: n * 20_000, tookMs: n < late ? 4_000 : 2_000 }));
    return {
      faults: rounds.flatMap(({ n, at }) => fault(n, at + 1_000, at + 1_500, { leader: 'killed' })),
      samples: [
        sample(0, { leader: 's0', epoch: 0 }),
        ...rounds.map(({ n, at, tookMs }) => sample(at + 1_000 + tookMs, { leader: `s${n + 1}`, epoch: n + 1 })),
      ],
    };
  };
  const { verdict, checked } = await killed(run(1));
  t.deepEqual({ verdict, checked }, { verdict: 'held', checked: 100 });
  t.is((await killed(run(2))).violations, 2);
  const { killed: times } = (await report(run(2), settings)).statistics.leaderless;
  t.like(times, { count: 100, disturbed: 0, medianMs: 2_000, p99Ms: 4_000, maxMs: 4_000 });
  t.deepEqual(times.allMs.slice(-3), [2_000, 4_000, 4_000]);
});
