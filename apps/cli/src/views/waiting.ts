import type { TaskView } from '@drover/client';
import { attemptOf } from './attempts.js';
import { formatElapsed } from './format.js';
import { showFailure } from './task.js';

/** The reason why an unfinished task waits, in one line; empty if there is none. Pure. */
export function describeWaiting(task: TaskView, now: number): string {
  const { state, worker, dueAt, reason, error } = task;
  switch (state) {
    case 'scheduled':
      return `waiting until it is due${inTime(dueAt, now)}`;
    case 'pending':
      return `waiting: ${reason ?? 'for a worker'}`;
    case 'retrying':
      return `attempt ${attemptOf(task)} failed${error === undefined ? '' : ` (${showFailure(error, false)})`}; next one${inTime(dueAt, now)}`;
    case 'assigned':
    case 'running':
      return `waiting for ${worker ?? 'a worker'}, attempt ${attemptOf(task)}`;
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return '';
    case 'unreadable':
      return `cannot be read: ${reason ?? 'it is of a later version'}`;
  }
}

const inTime = (dueAt: number | undefined, now: number): string =>
  dueAt === undefined || dueAt <= now ? '' : ` in ${formatElapsed(dueAt - now)}`;
