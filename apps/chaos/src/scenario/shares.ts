import { readResult } from '../client/follow.js';
import { QUEUES_OF_CASES, type Scenario } from './scenario.js';
import type { Stage } from './stage.js';

const QUEUE = QUEUES_OF_CASES.shares;
const WEIGHTS = { a: 3, b: 1 };

/** Two tenants with weights have as many tasks each: while both wait one has three times what the other has. */
export async function shares(stage: Stage, { tasks: each }: NonNullable<Scenario['shares']>): Promise<string[]> {
  const { drover, definer } = stage.running;
  await definer.shares(QUEUE, WEIGHTS);
  await drover.pauseQueue(QUEUE);
  const names = Array.from({ length: each }, (_, n) => [`a/${n}`, `b/${n}`]).flat();
  const tasks = await Promise.all(
    names.map((task) =>
      stage.submit('slow', { task, ms: 10, failures: 0 }, { queue: QUEUE, tenant: task.slice(0, 1) }),
    ),
  );
  await drover.resumeQueue(QUEUE);
  await Promise.all(tasks.map((task, n) => readResult(stage.history, names[n] ?? '', task)));
  const ends = stage.effects(({ task, type }) => type === 'end' && /^[ab]\//.test(task)).slice(0, each);
  const share = ends.filter(({ task }) => task.startsWith('a/')).length / ends.length;
  stage.say(`a tenant with weight 3 of 4 had ${(share * 100).toFixed(1)} % of the first ${each} ends`);
  return Math.abs(share - 0.75) <= 0.0375
    ? []
    : [`shares: the tenant has ${share.toFixed(3)} of the ends, expected 0.75`];
}
