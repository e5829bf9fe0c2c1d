import { RecordError, type BatchId } from '@drover/core';
import type { Log } from '@drover/observability';
import {
  batchPath,
  broadcastPath,
  compareResultNames,
  decodeBatch,
  decodeBroadcast,
  decodeEnds,
  decodeResult,
  describeUnread,
  parseResultName,
  resultName,
  resultPath,
  type Batch,
  type BatchHeader,
  type ResultHeader,
  type ResultName,
  type TaskEnd,
} from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';

/** Everything that is stored about one batch, as far as its results have been read. */
export interface StoredBatch {
  id: BatchId;
  header: BatchHeader;
  /** The znode's, by ZooKeeper's clock. */
  ctime: number;
  /** The reports in their order. `unread`: why the results and errors of a report cannot be read. */
  results: { name: ResultName; header: ResultHeader; ctime: number; ends: Map<number, TaskEnd>; unread?: string }[];
  /** JSON; `undefined`: the batch was finished and does not keep it any more. */
  payload: (index: number) => string | undefined;
}

/** Whether somebody has purged the task: then it is none. */
export const isPurged = ({ purged = [] }: BatchHeader, index: number): boolean =>
  purged.some(([from, to]) => from <= index && index < to);

/** A batch with needs that this program does not understand. */
export interface UnreadBatch {
  id: BatchId;
  ctime: number;
  queue: string;
  client: string;
  /** Tasks, as far as its header tells: at least 1. */
  count: number;
  /** Why it cannot be read. */
  unread: string;
}

/**
 * A batch with all its results; `null`: it does not exist (any more). A result that cannot be read is logged, and the
 * ends of tasks that it still tells count. Throws `RecordError` if the batch is garbage.
 */
export async function readBatch(zk: ZooKeeper, id: BatchId, log: Log): Promise<StoredBatch | UnreadBatch | null> {
  const path = batchPath(id);
  const reading = nullOn(zk.get(path), 'NO_NODE');
  const listing = nullOn(zk.children(path), 'NO_NODE');
  const [znode, names] = await Promise.all([reading, listing]);
  if (znode === null || names === null) return null;
  const { ctime } = znode.stat;
  let batch: Batch;
  try {
    batch = decodeBatch(path, znode.data);
  } catch (error) {
    if (!(error instanceof RecordError) || !error.isNewer) throw error;
    log.event('record.invalid', { path, reason: error.message });
    return { id, ctime, unread: error.message, ...describeUnread(znode.data) };
  }
  const { header } = batch;
  const ofAll = header.broadcast === undefined ? undefined : await payloadOf(zk, header.broadcast.id, log);
  const payload = (index: number): string | undefined => ofAll ?? batch.payload(index);
  const results = await readResults(zk, id, names, log);
  return results === null ? null : { id, header, payload, ctime, results };
}

/** Of a broadcast; `undefined`: it cannot be read, or somebody has removed it. */
async function payloadOf(zk: ZooKeeper, broadcast: BatchId, log: Log): Promise<string | undefined> {
  const path = broadcastPath(broadcast);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  try {
    return znode === null ? undefined : decodeBroadcast(path, znode.data).payload;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    log.event('record.invalid', { path, reason: error.message });
    return undefined;
  }
}

async function readResults(
  zk: ZooKeeper,
  id: BatchId,
  names: readonly string[],
  log: Log,
): Promise<StoredBatch['results'] | null> {
  const ordered = names
    .map((name) => parseResultName(name))
    .filter((name) => name !== null)
    .sort(compareResultNames);
  const results = await Promise.all(ordered.map((name) => readResult(zk, id, name, log)));
  if (results.includes(null)) return null;
  return results.filter((result) => result !== null && result !== 'garbage');
}

type Result = StoredBatch['results'][number];

async function readResult(zk: ZooKeeper, id: BatchId, name: ResultName, log: Log): Promise<Result | 'garbage' | null> {
  const path = resultPath(id, resultName(name));
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  const { ctime } = znode.stat;
  try {
    return { name, ctime, ...byIndex(decodeResult(path, znode.data)) };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    log.event('record.invalid', { path, reason: error.message });
    return withoutLines(path, znode.data, { name, ctime, unread: error.message });
  }
}

/** A report whose results cannot be read still tells how its tasks ended. */
function withoutLines(
  path: string,
  data: Uint8Array,
  rest: { name: ResultName; ctime: number; unread: string },
): Result | 'garbage' {
  try {
    return { ...rest, ...byIndex(decodeEnds(path, data)) };
  } catch (error) {
    if (error instanceof RecordError) return 'garbage';
    throw error;
  }
}

const byIndex = ({ header, ends }: ReturnType<typeof decodeResult>): Pick<Result, 'header' | 'ends'> => ({
  header,
  ends: new Map(ends.map((end) => [end.index, end])),
});
