/** What there is to say about why a task waits. */
export interface Circumstances {
  leader: boolean;
  queuePaused: boolean;
  /** How many may run of the queue at a time, and how many do; `null`: no limit. */
  queueLimit: { maxRunning: number; running: number } | null;
  workers: readonly { types: readonly string[]; state: 'accepting' | 'draining' }[];
}

/** Why a pending task of `type` is not out yet. Pure. The first that holds is the one to mend first. */
export function reasonOf(type: string, queue: string, now: Circumstances): string {
  if (!now.leader) return 'no scheduler leads';
  if (now.queuePaused) return `queue '${queue}' is paused`;
  if (now.workers.length === 0) return 'there is no worker';
  const offering = now.workers.filter((worker) => worker.types.includes(type));
  if (offering.length === 0) return `no worker offers the type '${type}'`;
  const accepting = offering.filter((worker) => worker.state === 'accepting');
  if (accepting.length === 0) return `every worker that offers '${type}' is draining`;
  const { queueLimit } = now;
  if (queueLimit !== null && queueLimit.running >= queueLimit.maxRunning)
    return `queue '${queue}' is at its limit of ${queueLimit.maxRunning} running`;
  return accepting.length === 1
    ? `waits for its turn: the one worker that offers '${type}' is busy`
    : `waits for its turn: all ${accepting.length} workers that offer '${type}' are busy`;
}
