import type { Task } from '@drover/client';
import { readResult } from '../client/follow.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';

/**
 * Many submits of a key while its first task runs, the leader dies among them: exactly one more run, of the newest, after
 * the first has ended with all its attempts; and all of them have its result.
 */
export async function onceMore(stage: Stage, size: Scenario['onceMore'], failures: number): Promise<string[]> {
  const prefix = `once-more-${failures}`;
  const isOurs = ({ task }: { task: string }): boolean => task.startsWith(`${prefix}/`);
  await stage.untilOthersWait();
  const first = await submit(stage, prefix, 0, { ms: size.firstMs, failures });
  await stage.until('the first run has begun', () => stage.effects(isOurs).at(0));
  const following: Task[] = [];
  for (let n = 1; n <= size.submits; n++) {
    following.push(await submit(stage, prefix, n, { ms: 0, failures: 0 }));
    if (n === Math.floor(size.submits / 2)) await stage.killLeader();
  }
  const all = [first, ...following];
  await Promise.all(all.map((task, n) => readResult(stage.history, `${prefix}/${n}`, task)));
  const results = await Promise.all(following.map(async (task) => (await task.result()) as { task?: string }));
  const newest = `${prefix}/${size.submits}`;
  const broken: string[] = [];
  const begun = [...new Set(stage.effects(isOurs).map(({ task }) => task))];
  if (begun.join() !== [`${prefix}/0`, newest].join())
    broken.push(`${prefix}: ${begun.join(', ')} began, expected only the first and the newest`);
  const others = results.filter(({ task }) => task !== newest).length;
  if (others > 0) broken.push(`${prefix}: ${others} of ${size.submits} submits have another result than the newest`);
  stage.say(`${prefix}: ${size.submits} submits while the first ran led to ${begun.length - 1} more run`);
  return broken;
}

function submit(stage: Stage, prefix: string, n: number, given: { ms: number; failures: number }): Promise<Task> {
  return stage.submit(
    'flaky',
    { task: `${prefix}/${n}`, ...given },
    { unique: { key: prefix, mode: 'last' }, retry: { kind: 'constant', delayMs: 200 }, maxAttempts: 5 },
  );
}
