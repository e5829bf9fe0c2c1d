/** Loaded into each process of a soak before its program: tells every ten seconds how much heap is in use. */
import { isMainThread } from 'node:worker_threads';
import { Journal } from '../journal.js';
import { monotonicMs } from '../time.js';

const EVERY_MS = 10_000;

if (isMainThread) {
  const journal = new Journal(process.env['DROVER_CHAOS_HEAP'] ?? '');
  const name = process.env['DROVER_CHAOS_NAME'];
  setInterval(() => {
    const { heapUsed, rss } = process.memoryUsage();
    journal.write({ at: monotonicMs(), name, pid: process.pid, heap: heapUsed, rss });
  }, EVERY_MS).unref();
}
