import { performance } from 'node:perf_hooks';
import type { Runtime, Timer } from './runtime.js';

/** The clock, timers and randomness of this process. The one place that touches them. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback): Timer {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  every(periodMs, callback): Timer {
    const timer = setInterval(callback, periodMs);
    return { cancel: () => clearInterval(timer) };
  },
  soon: (callback) => void setImmediate(callback),
  random: () => Math.random(),
};
