import { fc, testProp } from '@fast-check/ava';
import { compile, dueOf, parseWhen, type WhenEntry } from './index.js';

const BEGIN = Date.UTC(2026, 0, 1);
const YEAR_MS = 365 * 86_400_000;

const anyTime = fc.integer({ min: BEGIN, max: BEGIN + 2 * YEAR_MS });
/** Near a change of the clocks of Berlin. */
const nearChange = fc
  .tuple(fc.constantFrom(Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)), fc.integer({ min: -9e6, max: 9e6 }))
  .map(([change, by]) => change + by);
const after = fc.oneof(anyTime, nearChange);

const field = (max: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom('*', '*/2', '*/7'),
    fc.integer({ min: 0, max }).map(String),
    fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 4 }).map((list) => list.join(',')),
  );
const days = fc.constantFrom(
  '* * *',
  '* * MON-FRI',
  'L * *',
  '13 * FRI',
  '1,15 * *',
  '* * SUN#1',
  '15W * *',
  '* 3,10 SUN',
);
const cron = fc
  .tuple(fc.constantFrom('', '0 ', '*/20 ', '30 '), field(59), field(23), days)
  .map(([second, minute, hour, day]) => `${second}${minute} ${hour} ${day}`);
const tz = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Asia/Kolkata',
);
const exclusion = fc.constantFrom(
  '22:00-06:00',
  '2026-03-28..2026-03-30',
  '* * * * SAT',
  '0 3 * * *',
  '* 2 * * *',
  '01:30-02:30',
  '2026-10-25',
);
const options = {
  tz,
  except: fc.array(exclusion, { maxLength: 3 }),
};
const entry: fc.Arbitrary<WhenEntry> = fc.oneof(
  fc.record({ cron, dst: fc.constantFrom('once' as const, 'literal' as const), ...options }),
  fc.record({
    every: fc.integer({ min: 600, max: 100_000 }).map((s) => s * 1_000),
    phase: fc.nat(1_000_000),
    ...options,
  }),
);
const entries = fc.array(entry, { minLength: 1, maxLength: 3 });

const of = (when: WhenEntry | WhenEntry[]) => compile(parseWhen('when', when));
const without = ({ except: _, ...rest }: WhenEntry): WhenEntry => rest;

testProp(
  'next depends on the instant alone: no leader sees another chain',
  [entries, after, fc.nat(86_400_000)],
  (t, when, begin, by) => {
    const chain = of(when).between(begin, begin + 30 * 86_400_000, 40);
    const asked = begin + by;
    const other = of(when);
    other.next(asked + YEAR_MS);
    const expected = chain.find((time) => time > asked);
    if (expected !== undefined) t.is(other.next(asked), expected);
    t.deepEqual(
      chain,
      [...new Set(chain)].sort((a, b) => a - b),
    );
    for (const time of chain) t.is(other.next(time - 1), time);
  },
);

testProp('a union has the times of its entries, each once', [entries, after], (t, when, begin) => {
  const end = begin + 5 * 86_400_000;
  const apart = when.flatMap((one) => of(one).between(begin, end, 10_000));
  t.deepEqual(
    of(when).between(begin, end, 100_000),
    [...new Set(apart)].sort((a, b) => a - b),
  );
});

testProp('each time is fired or excluded, and the excluded ones are counted', [entry, after], (t, one, begin) => {
  const end = begin + 4 * 86_400_000;
  const [calendar, all] = [of(one), of(without(one)).between(begin + 1, end, 1e6)];
  const fired = calendar.between(begin + 1, end, 1e6);
  t.is(fired.length + calendar.excludedBetween(begin, end), all.length);
  t.true(fired.every((time) => all.includes(time)));
});

testProp(
  'H: one number of the field for each name, for ever',
  [fc.string({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 30 })],
  (t, name, step) => {
    const spread = (cronText: string): number[] =>
      compile(parseWhen('when', { cron: cronText }), { name })
        .between(BEGIN, BEGIN + 7_200_000, 200)
        .map((time) => (time - BEGIN) / 60_000);
    t.deepEqual(spread('H * * * *'), spread('H * * * *'));
    t.is(spread('H * * * *').length, 2);
    t.true(spread('H(10-19) * * * *').every((minute) => minute % 60 >= 10 && minute % 60 <= 19));
    const [first = 0, second = 0] = spread(`H/${step} * * * *`);
    t.true(first < step && (second - first === step || step > 29));
  },
);

testProp(
  'a fire is due at or after its nominal time and before the next one',
  [entries, after, fc.nat(86_400_000), fc.nat(86_400_000), fc.string()],
  (t, when, begin, spread, jitter, name) => {
    const calendar = of(when);
    const nominal = calendar.next(begin);
    fc.pre(nominal !== null);
    const due = dueOf(nominal, { name, spread, jitter }, calendar);
    t.true(due >= nominal && due < (calendar.next(nominal) ?? Infinity));
    t.is(due, dueOf(nominal, { name, spread, jitter }, of(when)));
    t.true(due - nominal <= spread + jitter);
  },
);
