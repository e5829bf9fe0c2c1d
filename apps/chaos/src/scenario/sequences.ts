import { readResult } from '../client/follow.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';

/** Tasks of sequences, some of which fail at first, while the leader dies: their order is for the rules. */
export async function sequences(stage: Stage, { count, tasks }: Scenario['sequences']): Promise<string[]> {
  const ends: Promise<void>[] = [];
  for (let n = 0; n < tasks; n++) {
    const submitted = Array.from({ length: count }, async (_, sequence) => {
      const payload = { task: `sequence/${sequence}/${n}`, ms: 20, failures: n % 5 === 0 ? 1 : 0 };
      const options = { sequence: `in-order-${sequence}`, retry: { kind: 'constant', delayMs: 100 } } as const;
      const task = await stage.submit('flaky', payload, options);
      ends.push(readResult(stage.history, payload.task, task));
    });
    // Of each sequence one after the other, so that their order is known.
    await Promise.all(submitted);
    if (n === Math.floor(tasks / 2)) await stage.killLeader();
  }
  await Promise.all(ends);
  stage.say(`${count} sequences of ${tasks} tasks have ended`);
  return [];
}
