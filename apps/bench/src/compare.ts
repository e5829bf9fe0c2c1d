import { performance } from 'node:perf_hooks';
import { sizeFor, type Effort } from './effort.js';
import { quantile, spreadOf, type Spread } from './statistics.js';
import type { Contender, System } from './system.js';

/** One row: how many tasks a second from submit to result read, and how long a single one takes in an idle system. */
export interface Comparison {
  name: string;
  durability: string;
  tasks: number;
  runs: number;
  tasksPerSecond: Spread;
  singleMs: { p50: Spread; p99: Spread };
}

/** Every run checks that each task had exactly one result, and throws where one did not. */
export async function measure(contender: Contender, effort: Effort): Promise<Comparison> {
  const { name, durability } = contender;
  const tasks = sizeFor(effort, contender.bulkTasks);
  const system = await contender.open();
  try {
    await system.bulk(Math.ceil(tasks / 5));
    const rates: number[] = [];
    for (let n = 0; n < effort.repeats; n++) rates.push(tasks / (await secondsOf(() => system.bulk(tasks))));
    const singleMs = await singles(system, effort);
    return { name, durability, tasks, runs: effort.repeats, tasksPerSecond: spreadOf(rates), singleMs };
  } finally {
    await system.close();
  }
}

/** No run takes longer: one of the peers looks for work only now and then. */
const LONGEST_SECONDS = 8;

/**
 * Those of the warm-up are not counted: the code that a lone task goes through is compiled, here and in the servers,
 * only after it has run some hundred times.
 */
async function singles(system: System, effort: Effort): Promise<Comparison['singleMs']> {
  await timesOf(system, effort.warmUpSingles);
  const runs: number[][] = [];
  for (let run = 0; run < effort.repeats; run++) runs.push(await timesOf(system, effort.singles));
  const over = (q: number): Spread => spreadOf(runs.map((times) => quantile(times, q)));
  return { p50: over(0.5), p99: over(0.99) };
}

/** Milliseconds of single tasks, one at a time, ascending: `count`, or as many as there is time for. */
async function timesOf(system: System, count: number): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + LONGEST_SECONDS * 1_000;
  while (times.length < count && performance.now() < until)
    times.push((await secondsOf(() => system.single())) * 1_000);
  return times.sort((a, b) => a - b);
}

/** The ratio of two medians, and the least and greatest ratio that the extremes of both allow. */
export function ratioOf(ours: Spread, theirs: Spread): Spread {
  return { median: ours.median / theirs.median, min: ours.min / theirs.max, max: ours.max / theirs.min };
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}
