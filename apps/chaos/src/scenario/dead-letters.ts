import { readResult } from '../client/follow.js';
import { monotonicMs } from '../time.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';

const FILTER = 'type:flaky error:should';

/**
 * Tasks that failed for good are redriven at a rate, the leader dies in the middle, and whoever asked does it again: each
 * runs once more, and succeeds. The first end of each is not in the history: there it has only the one that counts.
 */
export async function deadLetters(stage: Stage, size: Scenario['deadLetters']): Promise<string[]> {
  const { drover } = stage.running;
  const queue = 'dead';
  const names = Array.from({ length: size.tasks }, (_, n) => `dead/${n}`);
  const calls = names.map((task) => stage.history.begin('submit', task, { queue }));
  const inputs = names.map((task) => ({ type: 'flaky', payload: { task, ms: 0, failures: 1 } }));
  const ids: string[] = [];
  for await (const done of drover.run(inputs, { queue, maxAttempts: 1 })) {
    calls[done.index]?.ok({ id: done.id });
    ids[done.index] = done.id;
  }
  const filter = `queue:${queue} ${FILTER}`;
  const { found } = await drover.dead.redrive({ filter, dryRun: true });
  const broken = found === size.tasks ? [] : [`${found} dead letters, expected ${size.tasks}`];
  const since = monotonicMs();
  let isHalf: () => void = () => undefined;
  const half = new Promise<void>((resolve) => (isHalf = resolve));
  const asking = drover.dead
    .redrive({
      filter,
      rate: `${size.perSecond}/1s`,
      onProgress: ({ redriven }) => {
        if (redriven >= size.tasks / 2) isHalf();
      },
    })
    .then(
      ({ redriven }) => redriven,
      // It may break off: then it is asked again.
      () => null,
    );
  await Promise.race([half, asking]);
  await stage.killLeader();
  await asking;
  const again = await stage.until('the rest is redriven', () =>
    drover.dead.redrive({ filter, rate: `${size.perSecond}/1s` }).catch(() => undefined),
  );
  await Promise.all(names.map((task, n) => readResult(stage.history, task, drover.task(ids[n] ?? ''))));
  const starts = new Map<string, number>();
  for (const { task } of stage.effects(({ task, type }) => task.startsWith('dead/') && type === 'start'))
    starts.set(task, (starts.get(task) ?? 0) + 1);
  const wrong = names.filter((task) => starts.get(task) !== 2);
  if (wrong.length > 0)
    broken.push(`${wrong.length} dead letters did not run once more exactly, the first is ${wrong[0] ?? ''}`);
  stage.say(
    `${size.tasks} dead letters redriven in ${Math.round(monotonicMs() - since)} ms, ${again.found} by the second command`,
  );
  return broken;
}
