import { performance } from 'node:perf_hooks';
import { quantile, spreadOf, type Spread } from './statistics.js';
import type { Contender, System } from './system.js';

export interface Effort {
  quick: boolean;
  repeats: number;
  singles: number;
}
export const QUICK: Effort = { quick: true, repeats: 3, singles: 100 };
export const FULL: Effort = { quick: false, repeats: 5, singles: 300 };

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

async function singles(system: System, effort: Effort): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  for (let n = 0; n < effort.singles; n++) times.push((await secondsOf(() => system.single())) * 1_000);
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}
