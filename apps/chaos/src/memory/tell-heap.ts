/** Loaded into each process of a soak before its program: tells every ten seconds how much heap is in use. */
import { isMainThread } from 'node:worker_threads';
import { Journal } from '../journal.js';
import { monotonicMs } from '../time.js';
import { HEAP, NAME } from '../tasks/environment.js';

const EVERY_MS = 10_000;

if (isMainThread) {
  const journal = new Journal(process.env[HEAP] ?? '');
  const name = process.env[NAME];
  setInterval(() => {
    const { heapUsed, rss } = process.memoryUsage();
    journal.write({ at: monotonicMs(), name, pid: process.pid, heap: heapUsed, rss });
  }, EVERY_MS).unref();
}
