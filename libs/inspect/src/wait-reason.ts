import { byWhom } from '@drover/core';

/** The facts from which follows why a task waits. */
export interface Circumstances {
  leader: boolean;
  queuePaused: boolean;
  pausedBy: { by?: string | undefined; reason?: string | undefined } | null;
  /** How many tasks of the queue may be out at a time, and how many are; `null`: no limit. */
  queueLimit: { maxRunning: number; out: number } | null;
  workers: readonly { types: readonly string[]; state: 'accepting' | 'draining' }[];
}

/** Why a pending task of `type` is not out yet. Pure. The first that holds is the one to mend first. */
export function reasonOf(type: string, queue: string, now: Circumstances): string {
  if (!now.leader) return 'no scheduler leads';
  if (now.queuePaused) return `queue ${queue} is paused${byWhom(now.pausedBy)}`;
  if (now.workers.length === 0) return 'no workers';
  const offering = now.workers.filter((worker) => worker.types.includes(type));
  if (offering.length === 0) return `no worker offers ${type}`;
  const accepting = offering.filter((worker) => worker.state === 'accepting');
  if (accepting.length === 0) return `every worker that offers ${type} is draining`;
  const { queueLimit } = now;
  if (queueLimit !== null && queueLimit.out >= queueLimit.maxRunning)
    return `queue ${queue} is at its limit of ${queueLimit.maxRunning} assigned tasks`;
  return `no free worker yet (${accepting.length} worker${accepting.length === 1 ? ' offers' : 's offer'} ${type})`;
}
