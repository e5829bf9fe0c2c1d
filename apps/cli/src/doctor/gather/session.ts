import { ROOTS } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import type { Acl, ZooKeeper } from '@drover/zookeeper';
import type { SessionFacts } from '../facts.js';

const ROUND_TRIPS = 11;

/** Only reads. */
export async function askSession(zk: ZooKeeper, runtime: Runtime): Promise<SessionFacts> {
  const roundTripsMs: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const begunAt = runtime.monotonic();
    await zk.exists(ROOTS.epoch);
    roundTripsMs.push(runtime.monotonic() - begunAt);
  }
  roundTripsMs.sort((a, b) => a - b);
  return { grantedTimeoutMs: zk.sessionTimeoutMs, roundTripsMs, rootAcl: await rootAcl(zk) };
}

/** Null: there is no root, or Drover was never there. */
async function rootAcl(zk: ZooKeeper): Promise<readonly Acl[] | null> {
  const { isZooKeeperError } = await import('@drover/zookeeper');
  if ((await zk.exists(ROOTS.tasks)) === null) return null;
  try {
    return (await zk.acl('/')).acl;
  } catch (error) {
    // These credentials may not even read the ACL: it shuts them out.
    if (isZooKeeperError(error, 'NO_AUTH')) return [];
    throw error;
  }
}

/** When the leader wrote its counts, by its clock, and how far that is from ZooKeeper's. */
export async function askStatusTimes(
  zk: ZooKeeper,
): Promise<{ leaderClockMs: number | null; countedAt: number | null }> {
  const { nullOn } = await import('@drover/zookeeper');
  const znode = await nullOn(zk.get(ROOTS.status), 'NO_NODE');
  if (znode === null) return { leaderClockMs: null, countedAt: null };
  try {
    const { at } = JSON.parse(znode.data.toString('utf8')) as { at?: unknown };
    if (typeof at === 'number') return { leaderClockMs: znode.stat.mtime - at, countedAt: at };
  } catch {
    // Garbage tells no time; the check of records says so.
  }
  return { leaderClockMs: null, countedAt: null };
}
