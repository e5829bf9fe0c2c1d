import type { RunSchedule } from '../definitions/schedules.js';
import { pause } from '../run/pause.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';

/**
 * Schedules that fire every second while leaders die: each time has one task exactly, and with the defaults one is caught
 * up at most for each leader. That no time fires twice, and that counts and times agree, is for the rules.
 */
export async function fires(stage: Stage, size: Scenario['fires']): Promise<string[]> {
  const { definer, signal } = stage.running;
  const always = schedulesOf('always', size.schedules, { overlap: 'allow', catchUp: 'all' });
  const defaults = schedulesOf('defaults', size.defaults, { overlap: 'skip', catchUp: 'latest' });
  await Promise.all([...always, ...defaults].map((schedule) => definer.set(schedule)));
  for (let kill = 0; kill < size.kills; kill++) {
    await pause(size.betweenMs, signal);
    await stage.killLeader();
  }
  await pause(size.restMs, signal);
  const broken: string[] = [];
  let fired = 0;
  for (const schedule of [...always, ...defaults]) {
    const view = await definer.finish(schedule, signal);
    const { name, catchUp } = schedule;
    fired += view.fired;
    if (catchUp === 'all' && view.skipped + view.missed > 0)
      broken.push(`schedule ${name}: ${view.skipped} skipped and ${view.missed} missed, expected none`);
    const caughtUp = new Set(
      stage.effects(({ fire }) => fire?.schedule === name && fire.kind === 'catch-up').map(({ fire }) => fire?.nominal),
    );
    if (catchUp === 'latest' && caughtUp.size > size.kills)
      broken.push(`schedule ${name}: caught up ${caughtUp.size} times, expected ${size.kills} at most`);
  }
  stage.say(
    `${always.length + defaults.length} schedules fired ${fired} times, with ${size.kills} kills of the leader`,
  );
  return broken;
}

function schedulesOf(prefix: string, count: number, policy: Pick<RunSchedule, 'overlap' | 'catchUp'>): RunSchedule[] {
  return Array.from({ length: count }, (_, n) => ({
    ...{ name: `${prefix}-${n}`, everyMs: 1_000, type: 'quick', payload: { task: '', ms: 0, failures: 0 } },
    ...policy,
  }));
}
