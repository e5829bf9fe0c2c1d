import type { Drover } from '@drover/client';
import { payload } from '../system.js';
import type { Observer } from './observer.js';

/** Ends the leader by `end`; until then another scheduler waits. Times in ms of `performance.now()`. */
export async function leaderless(
  observer: Observer,
  drover: Drover,
  end: () => Promise<void>,
): Promise<{ goneAt: number; assignedAt: number }> {
  const gone = observer.seen('deleted', (path) => path === '/leader');
  await end();
  const goneAt = await gone;
  const assigned = observer.seen('created', (path) => path.split('/').length === 4);
  const task = await drover.submit('echo', payload(0));
  const assignedAt = await assigned;
  await task.result();
  return { goneAt, assignedAt };
}
