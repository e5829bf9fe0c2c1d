import test from 'ava';
import { DayWorld, DAY_POOL, PLACES } from './day.js';
import { bestFixed, percentile, waitsAt } from './fixed.js';
import { arrivalsOf, HOUR_MS } from './load.js';

const MINUTE = 60_000;
const arrivals = arrivalsOf({ hours: 24, peak: 16, seed: 3 });
const day = new DayWorld(arrivals).run(30 * HOUR_MS);
const wanted = day.advice.map((advice) => advice.wanted);

test('every task of the day ends once; no worker is removed with tasks in its hands', (t) => {
  t.is(day.waits.length, arrivals.length);
  t.is(day.wrong, 0);
  t.is(day.cut, 0);
});

test('there are never fewer than min, nor more than max', (t) => {
  t.true(Math.min(...wanted) >= DAY_POOL.min);
  t.true(Math.max(...wanted) <= (DAY_POOL.max ?? Infinity));
});

test('the advice turns twice in ten minutes at most, all day', (t) => {
  const turns: number[] = [];
  let direction = 0;
  for (const [at, { at: now, wanted: count }] of day.advice.entries()) {
    const change = Math.sign(count - (day.advice[at - 1]?.wanted ?? count));
    if (change === 0) continue;
    if (direction !== 0 && change !== direction) turns.push(now);
    direction = change;
  }
  for (const [at, turn] of turns.entries()) t.true((turns[at + 2] ?? Infinity) - turn >= 10 * MINUTE);
  t.true(turns.length > 2);
});

test('nothing starves: no task waits longer than new workers take to come, and the work before it to go', (t) => {
  t.true(percentile(day.waits, 1) <= 3 * MINUTE + DAY_POOL.drainWithinMs);
  t.true(percentile(day.waits, 0.95) <= DAY_POOL.drainWithinMs);
});

test('it costs less than the best fixed size that lets tasks wait no longer', (t) => {
  const fixed = bestFixed(arrivals, PLACES, percentile(day.waits, 0.95));
  t.true(day.workerMs < 0.75 * fixed * 24 * HOUR_MS);
  t.true(percentile(waitsAt(arrivals, (fixed - 1) * PLACES), 0.95) > percentile(day.waits, 0.95));
});
