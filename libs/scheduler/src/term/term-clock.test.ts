import test from 'ava';
import { ManualRuntime } from '@drover/testing';
import { TermClock } from './term-clock.js';

test("it shows the server's time, moved on by the monotonic clock", async (t) => {
  const runtime = new ManualRuntime({ nowMs: 5_000_000 });
  const clock = new TermClock(runtime, 1_000);
  await runtime.advance(250);
  t.is(clock.now(), 1_250);
});

test('a jump of the wall clock changes nothing, and it never goes back', (t) => {
  const runtime = new ManualRuntime();
  const clock = new TermClock(runtime, 1_000);
  runtime.jumpWallClock(-3_600_000);
  t.is(clock.now(), 1_000);
  clock.set(400);
  t.is(clock.now(), 1_000);
  clock.set(2_000);
  t.is(clock.now(), 2_000);
});

test('a clock of ZooKeeper that was set back is told apart from a late answer', async (t) => {
  const runtime = new ManualRuntime();
  const clock = new TermClock(runtime, 4_000_000);
  await runtime.advance(30_000);
  t.is(clock.set(4_000_000), 0, 'written half a minute ago');
  t.is(clock.set(400_000), 3_630_000);
});

test('what was written while the clock was ahead counts as written now', (t) => {
  const clock = new TermClock(new ManualRuntime(), 4_000_000);
  t.is(clock.past(3_999_000), 3_999_000);
  t.is(clock.past(7_600_000), 4_000_000);
});
