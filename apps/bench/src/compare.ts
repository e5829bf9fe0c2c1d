import { performance } from 'node:perf_hooks';
import { quantile, spreadOf, type Spread } from './statistics.js';
import type { Contender, System } from './system.js';

export interface Effort {
  quick: boolean;
  repeats: number;
  singles: number;
}
export const QUICK: Effort = { quick: true, repeats: 3, singles: 300 };
export const FULL: Effort = { quick: false, repeats: 5, singles: 1_000 };

/** One row: how many tasks a second from submit to result read, and how long a single one takes in an idle system. */
export interface Comparison {
  name: string;
  durability: string;
  tasks: number;
  tasksPerSecond: Spread;
  singleMs: { p50: number; p99: number };
}

/** Every run checks that each task had exactly one result; a run that did not ends the benchmark. */
export async function measure(contender: Contender, effort: Effort): Promise<Comparison> {
  const { name, durability } = contender;
  const tasks = effort.quick ? contender.bulkTasks.quick : contender.bulkTasks.full;
  const system = await contender.open();
  try {
    await system.bulk(Math.ceil(tasks / 5));
    const rates: number[] = [];
    for (let n = 0; n < effort.repeats; n++) rates.push(tasks / (await secondsOf(() => system.bulk(tasks))));
    return { name, durability, tasks, tasksPerSecond: spreadOf(rates), singleMs: await singles(system, effort) };
  } finally {
    await system.close();
  }
}

/**
 * Single tasks that come first: the code that a lone task goes through is compiled, here and in the servers, only after it
 * has run some hundred times.
 */
const WARM_UP_SINGLES = 500;
/** Nobody is measured for longer: one of the peers looks for work only now and then. */
const LONGEST_SECONDS = 20;

async function singles(system: System, effort: Effort): Promise<{ p50: number; p99: number }> {
  await timesOf(system, WARM_UP_SINGLES);
  const times = await timesOf(system, effort.singles);
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** Milliseconds of single tasks, one at a time: `count`, or as many as there is time for. */
async function timesOf(system: System, count: number): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + LONGEST_SECONDS * 1_000;
  while (times.length < count && performance.now() < until)
    times.push((await secondsOf(() => system.single())) * 1_000);
  return times;
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}
