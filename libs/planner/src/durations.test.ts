import test from 'ava';
import { fc, testProp } from '@fast-check/ava';
import { DurationSketch, readBins } from '@drover/core';
import { Durations, type Paces } from './durations.js';

const HOUR_MS = 3_600_000;

const ran = (...all: readonly number[]): ReadonlyMap<number, number> => {
  const sketch = new DurationSketch();
  for (const ms of all) sketch.add(ms);
  return sketch.bins;
};
const told = (type: string, ...all: readonly number[]): Paces => new Map([[type, ran(...all)]]);
const near = (value: number | null, ms: number): boolean => value !== null && Math.abs(value - ms) <= 0.021 * ms;

test('what workers tell of a type is put together', (t) => {
  const durations = new Durations();
  durations.learn('w1', told('mail', 100, 100));
  durations.learn('w2', told('mail', 400, 400, 400));
  t.true(near(durations.p50('mail'), 400));
  t.true(near(durations.mean('mail'), 280));
});

test("a worker's word replaces its word before", (t) => {
  const durations = new Durations();
  durations.learn('w1', told('mail', 100, 100, 100));
  durations.learn('w1', told('mail', 900));
  t.true(near(durations.p50('mail'), 900));
  durations.learn('w1', new Map());
  t.is(durations.p50('mail'), null);
  t.is(durations.size, 0);
});

test('a type of which nobody has told is taken for the others', (t) => {
  const durations = new Durations();
  t.is(durations.p95('mail'), null);
  durations.learn('w1', told('mail', 50));
  t.true(near(durations.p95('video'), 50));
  t.false(durations.knows('video'));
});

test('what a worker has told counts for an hour after it is gone', (t) => {
  const durations = new Durations();
  durations.learn('w1', told('mail', 50));
  durations.workerGone('w1', 1_000);
  durations.forgetOld(1_000 + HOUR_MS - 1);
  t.true(near(durations.p50('mail'), 50));
  durations.forgetOld(1_000 + HOUR_MS);
  t.is(durations.p50('mail'), null);
});

const garbage = fc.dictionary(fc.string(), fc.array(fc.oneof(fc.integer(), fc.double(), fc.nat(700))));

testProp(
  'whatever workers tell: what is told is a time or nothing, and all of it can be taken back',
  [fc.array(garbage)],
  (t, words) => {
    const durations = new Durations();
    for (const [at, word] of words.entries())
      durations.learn(`w${at % 3}`, new Map(Object.entries(word).map(([type, written]) => [type, readBins(written)])));
    for (const told of [durations.p50('a'), durations.p95('a'), durations.mean('a')])
      t.true(told === null || (told > 0 && Number.isFinite(told)));
    for (const worker of ['w0', 'w1', 'w2']) durations.workerGone(worker, 0);
    durations.forgetOld(HOUR_MS);
    t.is(durations.p50('a'), null);
    t.is(durations.size, 0);
  },
);

test('names of types without an end cost no memory without an end', (t) => {
  const durations = new Durations();
  for (let at = 0; at < 300; at++)
    durations.learn(`w${at}`, new Map(Array.from({ length: 100 }, (_, type) => [`t${at}.${type}`, ran(1)])));
  t.true(durations.size <= 10_000 + 64);
});
