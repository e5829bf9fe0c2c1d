import type { Drover, SubmitOptions } from '@drover/client';
import type { Child } from '../child.js';
import { secondsOf } from '../compare.js';
import { sizeFor, type Effort } from '../effort.js';
import { Tally, type Payload } from '../system.js';
import { measureOf, tasks } from '../systems/drover.js';
import type { Figure } from './figure.js';

/** Tasks of the benchmark, numbered from 0. */
export type Work = Iterable<{ type: string; payload: Payload } & SubmitOptions>;

interface Cost {
  seconds: number;
  leaderMs: number;
}

/** A client, and the leader whose processor time is measured. */
interface System {
  effort: Effort;
  drover: Drover;
  leader: Child;
}

/**
 * Throughput and the leader's processor time of `count` tasks with something, as parts of the same without it. Both are
 * run in turns: the machine's moods meet both.
 */
export async function besidePlain(
  { effort, drover, leader }: System,
  count: number,
  { name, work, atLeast }: { name: string; work: () => Work; atLeast: number | null },
): Promise<Figure[]> {
  const pairs = sizeFor(effort, { check: 1, quick: 3, full: 5 });
  const plain = { seconds: 0, leaderMs: 0 };
  const other = { seconds: 0, leaderMs: 0 };
  for (let pair = 0; pair < pairs; pair++) {
    add(plain, await costOf(drover, leader, tasks(count), count));
    add(other, await costOf(drover, leader, work(), count));
  }
  const target = atLeast === null ? null : { atLeast };
  return [
    { name: `throughput with ${name}, of that without`, value: plain.seconds / other.seconds, unit: '', target },
    {
      name: `leader's processor time with ${name}, of that without`,
      value: other.leaderMs / plain.leaderMs,
      unit: '',
      target: null,
    },
  ];
}

function add(sum: Cost, { seconds, leaderMs }: Cost): void {
  sum.seconds += seconds;
  sum.leaderMs += leaderMs;
}

/** Checks that each task has one result. */
export async function costOf(drover: Drover, leader: Child, work: Work, count: number): Promise<Cost> {
  const tally = new Tally(count);
  await measureOf(leader, 'cpu');
  const seconds = await secondsOf(async () => {
    for await (const task of drover.run(work)) {
      if (task.state !== 'succeeded') throw new Error(`task ${task.id} ended as ${task.state}`);
      tally.result((task.result as Payload).i);
    }
    await tally.done;
  });
  return { seconds, leaderMs: await measureOf(leader, 'cpu') };
}
