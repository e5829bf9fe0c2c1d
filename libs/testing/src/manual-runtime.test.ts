import test from 'ava';
import { ManualRuntime } from './manual-runtime.js';

test('time passes only when the test moves it, and timers fire in the order in which they are due', async (t) => {
  const runtime = new ManualRuntime({ nowMs: 1000 });
  const fired: string[] = [];
  runtime.after(20, () => fired.push(`b at ${runtime.monotonic()}`));
  runtime.after(10, () => fired.push(`a at ${runtime.monotonic()}`));
  const every = runtime.every(15, () => fired.push(`e at ${runtime.monotonic()}`));
  await runtime.advance(9);
  t.deepEqual(fired, []);
  await runtime.advance(26);
  t.deepEqual(fired, ['a at 10', 'e at 15', 'b at 20', 'e at 30']);
  t.is(runtime.now(), 1035);
  every.cancel();
  t.is(runtime.pendingTimers, 0);
});

test('a timer made while the clock moves fires in the same move when it is due', async (t) => {
  const runtime = new ManualRuntime();
  const seen: number[] = [];
  const again = (): void => {
    seen.push(runtime.monotonic());
    if (seen.length < 3) void Promise.resolve().then(() => runtime.after(5, again));
  };
  runtime.after(5, again);
  await runtime.advance(100);
  t.deepEqual(seen, [5, 10, 15]);
  t.is(runtime.monotonic(), 100);
});

test('a cancelled timer never fires, and cancelling twice is legal', async (t) => {
  const runtime = new ManualRuntime();
  const timer = runtime.after(1, () => t.fail());
  timer.cancel();
  timer.cancel();
  await runtime.advance(10);
  t.is(runtime.pendingTimers, 0);
});

test('after a stall overdue timers see the late clock, which never runs backwards', async (t) => {
  const runtime = new ManualRuntime();
  const seen: number[] = [];
  runtime.after(10, () => seen.push(runtime.monotonic()));
  runtime.stall(50);
  await runtime.advance(0);
  t.deepEqual(seen, [50]);
});

test('the wall clock may jump; durations do not notice', (t) => {
  const runtime = new ManualRuntime({ nowMs: 0 });
  runtime.jumpWallClock(-3_600_000);
  t.is(runtime.now(), -3_600_000);
  t.is(runtime.monotonic(), 0);
});

test('the same seed draws the same lots', (t) => {
  const draw = (seed: number): number[] => {
    const runtime = new ManualRuntime({ seed });
    return Array.from({ length: 5 }, () => runtime.random());
  };
  t.deepEqual(draw(7), draw(7));
  t.notDeepEqual(draw(7), draw(8));
  t.true(draw(7).every((n) => n >= 0 && n < 1));
});
