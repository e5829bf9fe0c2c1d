import type { BatchId } from '@drover/core';
import { broadcastPath, decodeBroadcast, encodeBroadcast, type BroadcastRecord } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { isZooKeeperError, nullOn, type ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { BatchConflictError, ServerLimitError } from '../errors.js';
import { requestOperation, startedBefore, type CheckedRequest } from '../start-request.js';

export interface WrittenBroadcast {
  readonly record: BroadcastRecord;
  readonly payload: string;
  readonly data: string;
  readonly request: CheckedRequest | null;
}

/**
 * One create. A client that finds it there compares: a try before, whose reply was lost, has made it, or an earlier call with
 * the same id; or it is another broadcast. Resolves with the id of the one that an earlier request of the same key has started;
 * null: this one is there. Throws `BatchConflictError` and `ServerLimitError`.
 */
export async function writeBroadcast(
  id: BatchId,
  written: WrittenBroadcast,
  { connection, runtime }: { connection: Connection; runtime: Runtime },
): Promise<BatchId | null> {
  const path = broadcastPath(id);
  const { request } = written;
  const create = async (zk: ZooKeeper): Promise<BatchId | null> => {
    const before = request === null ? null : await startedBefore(zk, request, recordIn(zk));
    if (before !== null) return before === id ? null : before;
    try {
      if (request === null) await zk.create(path, written.data);
      else await zk.multi([{ op: 'create', path, data: written.data }, requestOperation(request, id)]);
      return null;
    } catch (error) {
      if (isZooKeeperError(error, 'REQUEST_TOO_LARGE')) {
        const { length } = written.data;
        throw new ServerLimitError(written.record.task.type, error.requestBytes ?? length, { cause: error });
      }
      if (!isZooKeeperError(error, 'NODE_EXISTS')) throw error;
      // Somebody with the same key was faster: that one is found now.
      if (request !== null && error.failedIndex === 1) return create(zk);
      if (!(await isThere(zk, path, written))) throw new BatchConflictError(id);
      return null;
    }
  };
  return withHandle(connection.writer, runtime, create);
}

/** The record of a broadcast; null: it is gone. */
const recordIn =
  (zk: ZooKeeper) =>
  async (id: BatchId): Promise<BroadcastRecord | null> => {
    const znode = await nullOn(zk.get(broadcastPath(id)), 'NO_NODE');
    return znode === null ? null : decodeBroadcast(broadcastPath(id), znode.data).record;
  };

/** Gone meanwhile counts as there: it has come and ended. */
async function isThere(zk: ZooKeeper, path: string, { record, payload }: WrittenBroadcast): Promise<boolean> {
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return true;
  const found = decodeBroadcast(path, znode.data);
  return found.payload === payload && essence(found.record) === essence(record);
}

/** The request of the caller, without who wrote it, when, and how far it has come. */
function essence({ queue, task, where, joinersMs, key, skipDraining, needs }: BroadcastRecord): string {
  const asked = { queue, task, joinersMs, ...(where && { where: sorted(where) }), ...(key !== undefined && { key }) };
  const all = { ...asked, ...(skipDraining && { skipDraining }), ...(needs && { needs }), at: 0, client: '' };
  return encodeBroadcast(all, '');
}

const sorted = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
