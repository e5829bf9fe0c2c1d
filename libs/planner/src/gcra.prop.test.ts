import { fc, testProp } from '@fast-check/ava';
import { afterStarts, clamped, nextStartAt, RESERVED_MS, startsAt, timesOf, toReserve } from './gcra.js';

const anyRate = fc
  .record({
    limit: fc.integer({ min: 1, max: 50 }),
    periodMs: fc.integer({ min: 1, max: 5_000 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ limit, periodMs, part }) => ({ limit, periodMs, burst: Math.max(1, Math.round(limit * part)) }));
/** Waits between looks, and how much is wanted at each. */
const anyDemand = fc.array(fc.record({ wait: fc.nat(2_000), wanted: fc.nat(60) }), { minLength: 1, maxLength: 60 });

testProp(
  'in no time does more start than a burst and what comes evenly; and whoever wants more than that gets it all',
  [anyRate, anyDemand],
  (t, rate, demand) => {
    const times = timesOf(rate);
    const starts: number[] = [];
    let tat = 0;
    // As ZooKeeper tells it: numbers of that size are 0.0002 apart.
    let now = 1_790_000_000_000;
    for (const { wait, wanted } of demand) {
      now += wait;
      const given = Math.min(wanted, startsAt(tat, now, times));
      tat = afterStarts(tat, now, given, times);
      for (let n = 0; n < given; n++) starts.push(now);
      if (given < wanted) t.true(nextStartAt(tat, times) > now, 'somebody waits although a start may come');
    }
    for (const [first, from] of starts.entries())
      for (let last = first; last < starts.length; last++) {
        const most = rate.burst + ((starts[last] ?? 0) - from) / times.intervalMs;
        if (last - first + 1 > most + 0.01 / times.intervalMs)
          t.fail(`${last - first + 1} starts where ${most} may be`);
      }
    t.true(startsAt(0, now, times) === rate.burst);
  },
);

testProp(
  'nothing starts beyond what was reserved, and what is reserved costs the next leader a second at most',
  [anyRate, anyDemand],
  (t, rate, demand) => {
    const times = timesOf(rate);
    let [tat, reserved, now] = [0, 0, 10_000];
    for (const { wait, wanted } of demand) {
      now += wait;
      const given = Math.min(wanted, startsAt(tat, now, times));
      tat = afterStarts(tat, now, given, times);
      if (tat > reserved) reserved = toReserve(tat, now, times);
      t.true(given === 0 || reserved >= tat);
      t.true(reserved - tat <= RESERVED_MS + 0.001, 'more than a second is lost');
      t.true(clamped(reserved, now, times) >= reserved - 0.001, 'what was reserved in order is cut');
    }
  },
);

testProp(
  'a clock that falls back blocks a key for a second and an interval at most',
  [anyRate, fc.nat(1_000_000)],
  (t, rate, back) => {
    const times = timesOf(rate);
    const now = 2_000_000;
    const reserved = toReserve(afterStarts(0, now, rate.burst, times), now, times);
    const then = now - back;
    const at = nextStartAt(clamped(reserved, then, times), times);
    t.true(at <= then + RESERVED_MS + times.intervalMs + 0.001);
  },
);
