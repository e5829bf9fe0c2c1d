import { DurationSketch, readBins } from '@drover/core';
import { ManualRuntime } from '@drover/testing';
import test from 'ava';
import { RunTimes } from './run-times.js';

const medianOf = (written: readonly number[] | undefined): number => {
  const sketch = new DurationSketch();
  sketch.addBins(readBins(written ?? []));
  return sketch.quantile(0.5) ?? NaN;
};

function world(): { runtime: ManualRuntime; times: RunTimes; tells: () => number } {
  const runtime = new ManualRuntime();
  const times = new RunTimes(runtime);
  let tells = 0;
  times.onTold = () => tells++;
  return { runtime, times, tells: () => tells };
}

test('what was learned is told ten seconds after the first run, and then only where it has changed', async (t) => {
  const { runtime, times, tells } = world();
  for (let run = 0; run < 200; run++) times.ended('mail', 100);
  await runtime.advance(9_999);
  t.is(times.told, null);
  await runtime.advance(1);
  t.true(Math.abs(medianOf(times.told?.mail) - 100) < 2.1);
  for (let run = 0; run < 200; run++) times.ended('mail', 101);
  await runtime.advance(60_000);
  t.is(tells(), 1);
  for (let run = 0; run < 2_000; run++) times.ended('mail', 300);
  await runtime.advance(10_000);
  t.is(tells(), 2);
  t.true(Math.abs(medianOf(times.told?.mail) - 300) < 6.1);
});

test('what was long ago counts for little', async (t) => {
  const { runtime, times } = world();
  times.ended('mail', 100, 10_000);
  for (let period = 0; period < 12; period++) {
    await runtime.advance(600_000);
    times.ended('mail', 900, 100);
  }
  await runtime.advance(10_000);
  t.true(medianOf(times.told?.mail) > 880);
});

test('however many types run, however differently, what is told takes 1 KiB at most', async (t) => {
  const { runtime, times } = world();
  for (let type = 0; type < 200; type++)
    for (let run = 0; run < 100; run++) times.ended(`type-number-${type}`, 1.3 ** (run + type));
  await runtime.advance(10_000);
  const told = times.told ?? {};
  t.true(Buffer.byteLength(JSON.stringify(told)) <= 1_024);
  t.true(Object.keys(told).length >= 8);
});

test('a worker that has stopped has no timer', async (t) => {
  const { runtime, times, tells } = world();
  times.ended('mail', 100);
  times.close();
  times.ended('mail', 100);
  await runtime.advance(60_000);
  t.is(tells(), 0);
});
