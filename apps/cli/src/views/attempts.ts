import type { TaskView } from '@drover/client';

/**
 * `2 of 3`: the last attempt that began, and the number of the last one there can be. Attempts that were lost with their
 * worker do not count against the limit, and a task that was set to run again has all its attempts anew. Pure.
 */
export function attemptOf({ attempt, maxAttempts, state, history }: TaskView): string {
  if (attempt === 0) return `0 of ${maxAttempts}`;
  let failures = 0;
  for (const { outcome } of history) {
    if (outcome === 'requeued') failures = 0;
    if (outcome === 'failed' || outcome === 'timed-out' || outcome === 'rejected') failures++;
  }
  // The current attempt, or the one that succeeded, is one of those that are left.
  const isAmongLeft = state === 'assigned' || state === 'running' || state === 'succeeded';
  return `${attempt} of ${Math.max(attempt + maxAttempts - failures - (isAmongLeft ? 1 : 0), attempt)}`;
}
