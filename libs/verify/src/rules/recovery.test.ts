import test from 'ava';
import { check, end, fault, sample, start, submit, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) =>
  check('recovery after the last fault', lines, { sessionTimeoutMs: 1_000, recoveryMs: 2_000 });
const faults = fault(1, 5_000, 6_000);
const samples = [sample(5_500, { leader: null }), sample(8_900, { leader: 's2' }), sample(10_000, { leader: 's2' })];

/** `rate(at)` tasks a second, until twelve seconds are over. */
function load(rate: (at: number) => number): Lines {
  const ats = Array.from({ length: 120 }, (_, n) => n * 100).flatMap((at) =>
    Array.from({ length: rate(at) / 10 }, (_, n) => ({ at: at + n, task: `${at}/${n}` })),
  );
  return {
    operations: ats.flatMap(({ at, task }) => submit(at, { task })),
    effects: ats.flatMap(({ at, task }) => [start(at, 1, { task }), end(at + 1, 1, { task })]),
  };
}

test('a leader, and half of the throughput of before in some second until the bound', async (t) => {
  const lines = load((at) => (at < 5_000 ? 100 : at < 8_000 ? 0 : 60));
  t.is((await judge({ ...lines, faults, samples })).verdict, 'held');
});

test('throughput that comes back too late, or too little of it, is broken', async (t) => {
  for (const rate of [(at: number) => (at < 5_000 || at >= 8_800 ? 100 : 0), (at: number) => (at < 5_000 ? 100 : 40)]) {
    const { first } = await judge({ ...load(rate), faults, samples });
    t.regex(first?.what ?? '', /at most \d+ handlers ended in a second; before the first, 100\./);
  }
});

test('a system that nobody leads at the bound is broken', async (t) => {
  const unled = [sample(7_000, { leader: 's1' }), sample(8_900, { leader: null }), sample(10_000, { leader: 's2' })];
  t.regex((await judge({ ...load(() => 100), faults, samples: unled })).first?.what ?? '', /nobody led 2900 ms after/);
  const unseen = [sample(10_000, { leader: 's2' })];
  t.regex((await judge({ ...load(() => 100), faults, samples: unseen })).first?.what ?? '', /no sample knows/);
});

const UNKNOWN: [reason: RegExp, lines: Lines][] = [
  [/there were no faults/, { faults: [], samples }],
  [/the samples end before the bound/, { ...load(() => 100), faults, samples: samples.slice(0, 2) }],
  [/nothing was submitted any more/, { ...load((at) => (at < 8_000 ? 100 : 0)), faults, samples }],
  [/2 s of load before the first fault/, { ...load((at) => (at < 3_500 ? 0 : 100)), faults, samples }],
];
for (const [reason, lines] of UNKNOWN) {
  test(`not checked: ${reason.source}`, async (t) => {
    const judged = await judge(lines);
    t.is(judged.verdict, 'not checked');
    t.regex(judged.reason ?? '', reason);
  });
}
