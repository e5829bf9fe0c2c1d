import type { Task } from '@drover/client';
import { readResult } from '../client/follow.js';
import { pause } from '../run/pause.js';
import type { WorkPayload } from '../tasks/kinds.js';
import { monotonicMs } from '../time.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';

const EVERY_MS = 200;
const [QUIET_MS, MAX_MS] = [1_000, 3_000];

/**
 * Submits of a debounced key without a pause: a run about each `max`, of the newest payload, and one at the end. Submits of
 * a throttled key within one window: the first runs, then the last. That none runs too early is for the rules.
 */
export async function windows(stage: Stage, { submits }: NonNullable<Scenario['windows']>): Promise<string[]> {
  const broken: string[] = [];
  const debounce = { key: 'debounced', mode: 'debounce', quiet: QUIET_MS, max: MAX_MS } as const;
  const since = monotonicMs();
  const debounced = await submitAll(stage, 'debounced', submits, EVERY_MS, debounce);
  const tookMs = monotonicMs() - since;
  const runs = await runsOf(stage, 'debounced', debounced);
  const expected = 1 + tookMs / MAX_MS;
  if (Math.abs(runs.length - expected) > 1.5)
    broken.push(`debounce: ${runs.length} runs, expected about ${expected.toFixed(1)}`);
  if (runs.at(-1) !== `debounced/${submits - 1}`)
    broken.push(`debounce: the last run is ${runs.at(-1) ?? 'none'}, expected the newest`);
  stage.say(`debounce: ${submits} submits led to ${runs.length} runs`);

  const throttle = { key: 'throttled', mode: 'throttle', every: '2s' } as const;
  const throttled = await submitAll(stage, 'throttled', submits, 0, throttle);
  const [first, last, ...more] = await runsOf(stage, 'throttled', throttled);
  if (first !== 'throttled/0' || last !== `throttled/${submits - 1}` || more.length > 0)
    broken.push(`throttle: ${[first, last, ...more].join(', ')} ran, expected the first and the newest`);
  stage.say(`throttle: ${submits} submits in a window led to ${2 + more.length} runs`);
  return broken;
}

type Unique = NonNullable<Parameters<Stage['submit']>[2]['unique']>;

/** One after the other: each is durable before the next one. */
async function submitAll(
  stage: Stage,
  prefix: string,
  count: number,
  everyMs: number,
  unique: Unique,
): Promise<Task[]> {
  const tasks: Task[] = [];
  for (let n = 0; n < count; n++) {
    const payload: WorkPayload = { task: `${prefix}/${n}`, ms: 0, failures: 0 };
    tasks.push(await stage.submit('quick', payload, { unique }));
    if (everyMs > 0) await pause(everyMs, stage.running.signal);
  }
  return tasks;
}

/** The tasks that ran, in their order, when all have ended. */
async function runsOf(stage: Stage, prefix: string, tasks: readonly Task[]): Promise<string[]> {
  await Promise.all(tasks.map((task, n) => readResult(stage.history, `${prefix}/${n}`, task)));
  return stage.effects(({ task, type }) => task.startsWith(`${prefix}/`) && type === 'start').map(({ task }) => task);
}
