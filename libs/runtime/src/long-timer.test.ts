import test from 'ava';
import { inPieces } from './long-timer.js';
import { systemRuntime, type Runtime } from './index.js';

const DAY_MS = 86_400_000;

/** A clock that the test moves, whose timers take `longestMs` at most, as Node's do. */
function clock(longestMs: number) {
  let nowMs = 0;
  let waiting: { atMs: number; fire: () => void }[] = [];
  const after: Runtime['after'] = (delayMs, callback) => {
    const timer = { atMs: nowMs + (delayMs > longestMs ? 1 : delayMs), fire: callback };
    waiting.push(timer);
    return { cancel: () => (waiting = waiting.filter((other) => other !== timer)) };
  };
  const move = (toMs: number): void => {
    for (;;) {
      const [next] = waiting.filter(({ atMs }) => atMs <= toMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      waiting = waiting.filter((other) => other !== next);
      nowMs = next.atMs;
      next.fire();
    }
    nowMs = toMs;
  };
  const runtime = { after, monotonic: () => nowMs };
  return { after: inPieces(runtime, longestMs), move, count: () => waiting.length };
}

test('a timer of any length fires at its time, and not before', (t) => {
  for (const days of [0.5, 1, 1.5, 7, 3_650]) {
    const { after, move } = clock(DAY_MS);
    let fired = 0;
    after(days * DAY_MS, () => fired++);
    move(days * DAY_MS - 1);
    t.is(fired, 0, `${days} days`);
    move(days * DAY_MS);
    t.is(fired, 1, `${days} days`);
  }
});

test('a long timer is called off at any time, and one without an end never fires', (t) => {
  const { after, move, count } = clock(DAY_MS);
  const timer = after(10 * DAY_MS, () => t.fail());
  after(Infinity, () => t.fail());
  move(3 * DAY_MS);
  timer.cancel();
  move(30 * DAY_MS);
  t.is(count(), 1);
});

test('timers of this process beyond 24.8 days do not fire at once', async (t) => {
  const long = [
    systemRuntime.after(30 * DAY_MS, () => t.fail()),
    systemRuntime.after(Infinity, () => t.fail()),
    systemRuntime.every(30 * DAY_MS, () => t.fail()),
  ];
  // Node lets what is too long fire after a millisecond.
  await new Promise<void>((resolve) => void systemRuntime.after(5, resolve));
  for (const timer of long) timer.cancel();
  t.pass();
});
