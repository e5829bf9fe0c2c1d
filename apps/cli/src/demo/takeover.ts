import { DroverError } from '@drover/core';
import { sleep, type Runtime } from '@drover/runtime';
import type { LocalCluster } from '../cluster/local-cluster.js';

const POLL_MS = 20;
const TIMEOUT_MS = 60_000;

interface Leader {
  id: string;
  epoch: number;
}

/** The takeover after the leader was killed. */
export interface Takeover {
  before: Leader;
  after: Leader;
  /** The time from the SIGKILL until another leader was seen. */
  tookMs: number;
}

/** Kills the leader with SIGKILL, and waits for the next one. */
export async function killLeader(cluster: LocalCluster, runtime: Runtime): Promise<Takeover> {
  const { leader } = await cluster.drover.status();
  const member = cluster.members.find(({ role, name }) => role === 'scheduler' && name === leader?.id);
  if (leader === null || member === undefined)
    throw new DroverError('no scheduler leads, so there is no leader to kill');
  member.signal('SIGKILL');
  const killedAt = runtime.monotonic();
  for (;;) {
    const { leader: now } = await cluster.drover.status();
    const tookMs = runtime.monotonic() - killedAt;
    if (now !== null && now.epoch > leader.epoch) {
      return { before: { id: leader.id, epoch: leader.epoch }, after: { id: now.id, epoch: now.epoch }, tookMs };
    }
    if (tookMs > TIMEOUT_MS) throw new DroverError(`no scheduler took over within ${TIMEOUT_MS / 1_000} s`);
    await sleep(runtime, POLL_MS);
  }
}
