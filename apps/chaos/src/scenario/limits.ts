import type { Effect } from '@drover/verify';
import { readResult } from '../client/follow.js';
import { pause } from '../run/pause.js';
import { monotonicMs } from '../time.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';

const WINDOW_MS = 1_000;

/**
 * Keys of a limit of concurrency, and a rate, while leaders and a worker die: that no more run or begin than is allowed is
 * for the rules, that all of them end for the clients. How long it took, and the fullest second, are told.
 */
export async function limits(stage: Stage, size: Scenario['limits']): Promise<string[]> {
  const since = monotonicMs();
  const keyed = Array.from({ length: size.keys * size.tasksAKey }, (_, n) => ({
    payload: { task: `limited/${n}`, ms: size.ms, failures: 0 },
    options: { limits: [`three-a-key/${n % size.keys}`] },
  }));
  const rated = Array.from({ length: size.rated }, (_, n) => ({
    payload: { task: `rated/${n}`, ms: 0, failures: 0 },
    options: { limits: ['fifty-a-second'] },
  }));
  const ends = [...keyed, ...rated].map(async ({ payload, options }) => {
    const task = await stage.submit(payload.ms > 0 ? 'slow' : 'quick', payload, options);
    await readResult(stage.history, payload.task, task);
  });
  for (let kill = 0; kill < size.kills; kill++) {
    await pause(WINDOW_MS, stage.running.signal);
    await stage.killLeader();
  }
  if (size.killsAWorker) await stage.killWorker();
  await Promise.all(ends);
  const starts = stage.effects(({ task, type }) => type === 'start' && task.startsWith('rated/'));
  const took = Math.round(monotonicMs() - since);
  stage.say(`${keyed.length} tasks of ${size.keys} keys and ${rated.length} under a rate took ${took} ms`);
  stage.say(`at most ${fullest(starts)} tasks under 50 a second began in one second`);
  return [];
}

function fullest(starts: readonly Effect[]): number {
  let [most, first] = [0, 0];
  for (const [index, { at }] of starts.entries()) {
    while ((starts[first]?.at ?? at) <= at - WINDOW_MS) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
