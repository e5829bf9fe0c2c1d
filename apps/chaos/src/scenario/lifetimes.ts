import { TaskFailedError, type Task } from '@drover/client';
import { readResult } from '../client/follow.js';
import { monotonicMs } from '../time.js';
import { QUEUES_OF_CASES, type Scenario } from './scenario.js';
import type { Stage } from './stage.js';

const [EXPIRES_MS, DEADLINE_MS] = [1_000, 2_000];
const QUEUE = QUEUES_OF_CASES.lifetimes;

/** Tasks that expire in a paused queue never run; one whose handler hangs is over at its deadline, retries or not. */
export async function lifetimes(stage: Stage, { tasks: count }: NonNullable<Scenario['lifetimes']>): Promise<string[]> {
  const { drover } = stage.running;
  const broken: string[] = [];
  await drover.pauseQueue(QUEUE);
  const names = Array.from({ length: count }, (_, n) => `expiring/${n}`);
  const options = { queue: QUEUE, expires: EXPIRES_MS };
  const since = monotonicMs();
  const tasks = await Promise.all(names.map((task) => stage.submit('quick', { task, ms: 0, failures: 0 }, options)));
  await Promise.all(tasks.map((task, n) => readResult(stage.history, names[n] ?? '', task)));
  const overMs = monotonicMs() - since;
  await drover.resumeQueue(QUEUE);
  const errors = new Set(await Promise.all(tasks.map(errorOf)));
  if ([...errors].join() !== 'TaskExpired')
    broken.push(`expiry: tasks ended with ${[...errors].join(', ')}, expected TaskExpired`);

  const hanging = { task: 'hanging/0', ms: 0, failures: 0 };
  const from = monotonicMs();
  const task = await stage.submit('hanging', hanging, { deadline: DEADLINE_MS, timeout: '800ms', maxAttempts: 9 });
  await readResult(stage.history, hanging.task, task);
  const error = await errorOf(task);
  if (error !== 'DeadlineExceeded') broken.push(`deadline: it ended with ${error}, expected DeadlineExceeded`);
  const begun = stage.effects(({ task }) => task.startsWith('expiring/')).length;
  if (begun > 0) broken.push(`expiry: ${begun} lines of handlers of tasks that had expired`);
  stage.say(
    `${count} tasks had expired ${ms(overMs)} after their submit; a hanging one was over after ${ms(monotonicMs() - from)}`,
  );
  return broken;
}

async function errorOf(task: Task): Promise<string> {
  try {
    await task.result();
    return 'no error';
  } catch (error) {
    return error instanceof TaskFailedError ? error.failure.name : String(error);
  }
}

const ms = (value: number): string => `${Math.round(value)} ms`;
