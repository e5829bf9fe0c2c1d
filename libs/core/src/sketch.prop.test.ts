import { testProp, fc } from '@fast-check/ava';
import test from 'ava';
import { DurationSketch, readBins, writtenBins } from './sketch.js';

const someMs = fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

const sketchOf = (all: readonly number[]): DurationSketch => {
  const sketch = new DurationSketch();
  for (const ms of all) sketch.add(ms);
  return sketch;
};
const isClose = (told: number | null, exact: number): boolean =>
  told !== null && Math.abs(told - exact) <= 0.020_001 * exact;

testProp('a quantile is within 2 % of the value that has this rank', [someMs, share], (t, all, q) => {
  const exact = [...all].sort((a, b) => a - b)[Math.floor(q * (all.length - 1))] ?? NaN;
  t.true(isClose(sketchOf(all).quantile(q), exact));
});

testProp('a mean is within 2 %', [someMs], (t, all) => {
  t.true(isClose(sketchOf(all).mean, all.reduce((sum, ms) => sum + ms, 0) / all.length));
});

testProp('sketches are merged, and taken apart again, in any order', [someMs, someMs], (t, one, other) => {
  const merged = sketchOf(one);
  merged.addBins(sketchOf(other).bins);
  const whole = sketchOf([...other, ...one]);
  t.deepEqual(new Map([...merged.bins].sort()), new Map([...whole.bins].sort()));
  merged.removeBins(sketchOf(other).bins);
  t.deepEqual(new Map([...merged.bins].sort()), new Map([...sketchOf(one).bins].sort()));
});

testProp('half of it has half of the total, and its counts are whole', [someMs], (t, all) => {
  const sketch = sketchOf(all);
  sketch.halve();
  t.is(sketch.total, Math.floor(all.length / 2));
  for (const count of sketch.bins.values()) t.true(Number.isSafeInteger(count) && count > 0);
});

testProp(
  'a coarse one has the same total in no more bins than asked for',
  [someMs, fc.integer({ min: 3, max: 50 })],
  (t, all, most) => {
    const coarse = sketchOf(all).coarse(most);
    t.true(coarse.size <= most);
    t.is(
      [...coarse.values()].reduce((sum, count) => sum + count, 0),
      all.length,
    );
  },
);

testProp('what is written is read', [someMs], (t, all) => {
  const { bins } = sketchOf(all);
  const sorted = new Map([...bins].sort(([a], [b]) => a - b));
  t.deepEqual(readBins(writtenBins(bins)), sorted);
});

testProp('of garbage only what makes sense is read', [fc.array(fc.double({ noNaN: false }))], (t, garbage) => {
  const sketch = new DurationSketch();
  sketch.addBins(readBins(garbage));
  t.true(Number.isSafeInteger(sketch.total) && sketch.total >= 0);
  const told = sketch.quantile(0.95);
  t.true(told === null || (told > 0 && told < 1.1e11));
});

test('nothing is told of no durations', (t) => {
  const sketch = new DurationSketch();
  t.deepEqual([sketch.quantile(0.5), sketch.mean, sketch.total], [null, null, 0]);
  sketch.add(0);
  sketch.add(Infinity);
  t.is(sketch.total, 2);
});
