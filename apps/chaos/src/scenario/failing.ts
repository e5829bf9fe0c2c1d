import { pause } from '../run/pause.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';

const FAILURES = 3;

/** A schedule whose tasks fail pauses itself after three, though the leader dies between the first and the second. */
export async function failing(stage: Stage, { everyMs }: Scenario['failing']): Promise<string[]> {
  const { definer, drover, signal } = stage.running;
  const name = 'failing';
  const payload = { task: '', ms: 0, failures: 99 };
  const policy = { overlap: 'skip', catchUp: 'latest', pauseAfterFailures: FAILURES } as const;
  await definer.set({ name, everyMs, type: 'flaky', payload, ...policy });
  await stage.until('the first fire has failed', () =>
    stage.effects(({ fire, type }) => fire?.schedule === name && type === 'end').at(0),
  );
  await stage.killLeader();
  const paused = await stage.until('it has paused itself', async () => {
    // While nobody leads there is no answer.
    const view = await drover.schedules.get(name).catch(() => null);
    if (view === null) return undefined;
    return view.paused === null ? undefined : view;
  });
  definer.sawPaused(paused);
  // A time that must not fire.
  await pause(1.5 * everyMs, signal);
  const { fired, failed, last } = await definer.finish({ name }, signal);
  const broken: string[] = [];
  if (fired !== FAILURES || failed !== FAILURES)
    broken.push(`schedule ${name}: ${fired} fires and ${failed} failed, expected ${FAILURES} of each`);
  const reason = paused.paused?.reason ?? '';
  if (last?.task === undefined || !reason.includes(last.task))
    broken.push(`schedule ${name}: paused for '${reason}', expected that it names ${last?.task ?? 'its last task'}`);
  const begun = new Set(stage.effects(({ fire }) => fire?.schedule === name).map(({ task }) => task));
  if (begun.size !== FAILURES) broken.push(`schedule ${name}: ${begun.size} fires began, expected ${FAILURES}`);
  stage.say(`a failing schedule paused itself after ${fired} fires: ${reason}`);
  return broken;
}
