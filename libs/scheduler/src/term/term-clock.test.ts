import test from 'ava';
import { ManualRuntime } from '@drover/testing';
import { TermClock } from './term-clock.js';

/** A clock of which ZooKeeper wrote this, and answered at once. */
const clockAt = (runtime: ManualRuntime, serverMs: number): TermClock =>
  new TermClock(runtime, { serverMs, askedAt: runtime.monotonic() });

test("it shows the server's time, moved on by the monotonic clock", async (t) => {
  const runtime = new ManualRuntime({ nowMs: 5_000_000 });
  const clock = clockAt(runtime, 1_000);
  await runtime.advance(250);
  t.is(clock.now(), 1_250);
});

test('a jump of the wall clock changes nothing, and it never goes back', (t) => {
  const runtime = new ManualRuntime();
  const askedAt = runtime.monotonic();
  const clock = clockAt(runtime, 1_000);
  runtime.jumpWallClock(-3_600_000);
  t.is(clock.now(), 1_000);
  clock.set({ serverMs: 400, askedAt });
  t.is(clock.now(), 1_000);
  clock.set({ serverMs: 2_000, askedAt });
  t.is(clock.now(), 2_000);
});

test('a clock of ZooKeeper that was set back is told apart from a late answer', async (t) => {
  const runtime = new ManualRuntime();
  const clock = clockAt(runtime, 4_000_000);
  const askedAt = runtime.monotonic();
  await runtime.advance(90_000);
  t.is(clock.set({ serverMs: 4_000_000, askedAt }), 0, 'written one and a half minutes ago');
  t.is(clock.set({ serverMs: 400_000, askedAt: runtime.monotonic() }), 3_689_999);
});

test('a late answer does not put the clock back', async (t) => {
  const runtime = new ManualRuntime();
  const clock = clockAt(runtime, 10_000);
  const askedAt = runtime.monotonic();
  await runtime.advance(2_000);
  clock.set({ serverMs: 10_001, askedAt });
  t.is(clock.now(), 12_000, 'as before: ZooKeeper wrote at once, and its answer took two seconds');
});

test('a clock that a late answer began is put right by the first time that somebody else wrote', async (t) => {
  const runtime = new ManualRuntime();
  const askedAt = runtime.monotonic();
  await runtime.advance(2_000);
  const clock = new TermClock(runtime, { serverMs: 10_000, askedAt });
  t.is(clock.now(), 10_000, 'it may be two seconds behind');
  t.is(clock.past(11_400), 11_400, 'a delay is counted from when its task was submitted, not from before');
  t.is(clock.now(), 11_400);
});

test('what was written while the clock was ahead counts as written now', (t) => {
  const clock = clockAt(new ManualRuntime(), 4_000_000);
  t.is(clock.past(3_999_000), 3_999_000);
  t.is(clock.past(7_600_000), 4_000_001, 'ZooKeeper writes whole milliseconds');
});
