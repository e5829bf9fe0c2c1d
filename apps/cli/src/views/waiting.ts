import type { TaskView } from '@drover/client';
import { formatElapsed } from './format.js';

/** What a task that is not finished waits for, in one line; empty where there is nothing to say. Pure. */
export function describeWaiting(task: TaskView, now: number): string {
  const { state, worker, attempt, maxAttempts, dueAt, reason, error } = task;
  switch (state) {
    case 'scheduled':
      return `waiting until it is due${inTime(dueAt, now)}`;
    case 'pending':
      return `waiting: ${reason ?? 'for a worker'}`;
    case 'retrying':
      return `attempt ${attempt} of ${maxAttempts} failed${error === undefined ? '' : ` (${error.name}: ${error.message})`}; next one${inTime(dueAt, now)}`;
    case 'assigned':
    case 'running':
      return `waiting for ${worker ?? 'a worker'}, attempt ${attempt} of ${maxAttempts}`;
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return '';
  }
}

const inTime = (dueAt: number | undefined, now: number): string =>
  dueAt === undefined || dueAt <= now ? '' : ` in ${formatElapsed(dueAt - now)}`;
