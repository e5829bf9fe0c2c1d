import { encodeRecord, workerAssignmentsPath, workerPath, type WorkerRecord } from '@drover/protocol';
import { isZooKeeperError, nullOn, type ZooKeeper } from '@drover/zookeeper';

/**
 * Makes `/assignments/<worker>` and the ephemeral `/workers/<worker>` together, the one first that the leader writes
 * below. The same call serves the start, the time after an expiry, and a retry when an answer was lost: what is there
 * already is ours, for the id has our session's id in it, and is made to say what `record` says.
 */
export async function register(zk: ZooKeeper, worker: string, record: Omit<WorkerRecord, 'v'>): Promise<void> {
  const own = { path: workerPath(worker), data: encodeRecord('worker', record) };
  const assignments = {
    path: workerAssignmentsPath(worker),
    data: encodeRecord('workerAssignments', { draining: record.state === 'draining' }),
  };
  try {
    await zk.multi([
      { op: 'create', ...assignments },
      { op: 'create', ...own, mode: 'ephemeral' },
    ]);
  } catch (error) {
    if (!isZooKeeperError(error, 'NODE_EXISTS')) throw error;
    await nullOn(zk.create(assignments.path, assignments.data), 'NODE_EXISTS');
    const made = await nullOn(zk.create(own.path, own.data, { mode: 'ephemeral' }), 'NODE_EXISTS');
    // An earlier call made it, whose answer was lost: it says what this worker was then.
    if (made === null) await zk.set(own.path, own.data);
  }
}
