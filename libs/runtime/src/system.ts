import { performance } from 'node:perf_hooks';
import { inPieces, LONGEST_TIMER_MS } from './long-timer.js';
import type { Runtime, Timer } from './runtime.js';

const monotonic = (): number => performance.now();

const after = inPieces({
  monotonic,
  after(delayMs, callback): Timer {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
});

/** The clock, timers and randomness of this process. The one place that touches them. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  monotonic,
  after,
  every(periodMs, callback): Timer {
    if (periodMs > LONGEST_TIMER_MS) return repeat(periodMs, callback);
    const timer = setInterval(callback, periodMs);
    return { cancel: () => clearInterval(timer) };
  },
  soon: (callback) => void setImmediate(callback),
  random: () => Math.random(),
};

function repeat(periodMs: number, callback: () => void): Timer {
  const again = (): void => {
    timer = after(periodMs, again);
    callback();
  };
  let timer = after(periodMs, again);
  return { cancel: () => timer.cancel() };
}
