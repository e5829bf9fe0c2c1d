import { performance } from 'node:perf_hooks';
import type { Drover } from '@drover/client';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { DroverProcesses, measureOf } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';

const THREADS = 2;
const TASK_MS = 5;
const TYPE = 'math.sum-of-squares';

/** Compute tasks of 5 ms on two threads: the part of two cores that goes into them. */
export async function compute(place: Place): Promise<Figure[]> {
  const count = sizeFor(place.effort, { quick: 1_000, full: 10_000 });
  const processes = new DroverProcesses(place.chroot('compute'), place.connection);
  await processes.scheduler('bench');
  const worker = await processes.worker('bench', { concurrency: String(THREADS), computeThreads: String(THREADS) });
  const drover = await processes.client();
  try {
    const n = await sizeOf(drover, sizeFor(place.effort, { check: 3, quick: 50, full: 50 }));
    await measureOf(worker, 'cpu');
    const elapsedMs = (await secondsOf(() => all(drover, n, count))) * 1_000;
    const cpuMs = await measureOf(worker, 'cpu');
    const name = `${count.toLocaleString('en-US')} compute tasks of about ${TASK_MS} ms on ${THREADS} threads: the worker's share of the two cores`;
    return [{ name, value: (cpuMs / (THREADS * elapsedMs)) * 100, unit: '%', target: { atLeast: 90 } }];
  } finally {
    await drover.close();
    await processes.stop();
  }
}

/** The size of a task that takes 5 ms on this machine, by the median of `probes` tasks. */
async function sizeOf(drover: Drover, probes: number): Promise<number> {
  const probe = 1_000_000;
  return Math.round((probe * TASK_MS) / (await msOf(drover, probe, probes)));
}

/** The time that one task of that size takes in its thread, one at a time: the median of `times`. */
async function msOf(drover: Drover, n: number, times: number): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    const task = await drover.submit(TYPE, { n });
    await task.result();
    const { history } = await task.status();
    taken.push(history.at(-1)?.ms ?? performance.now() - began);
  }
  return taken.sort((a, b) => a - b)[Math.floor(times / 2)] ?? NaN;
}

async function all(drover: Drover, n: number, count: number): Promise<void> {
  const inputs = Array.from({ length: count }, () => ({ type: TYPE, payload: { n } }));
  for await (const task of drover.run(inputs))
    if (task.state !== 'succeeded') throw new Error(`${task.id}: ${task.state}`);
}
