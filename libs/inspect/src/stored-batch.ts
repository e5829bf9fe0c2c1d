import { RecordError, type BatchId } from '@drover/core';
import type { Log } from '@drover/observability';
import {
  batchPath,
  compareResultNames,
  decodeBatch,
  decodeResult,
  parseResultName,
  resultName,
  resultPath,
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
  /** In the order in which they came about. */
  results: { name: ResultName; header: ResultHeader; ctime: number; ends: Map<number, TaskEnd> }[];
  /** JSON; `undefined` where the batch was finished and keeps it no longer. */
  payload: (index: number) => string | undefined;
}

/**
 * A batch with all its results; `null` where it is not there (any more). A result that cannot be read is told and
 * skipped, as the leader does; for a batch that cannot be read it throws `RecordError`.
 */
export async function readBatch(zk: ZooKeeper, id: BatchId, log: Log): Promise<StoredBatch | null> {
  const path = batchPath(id);
  const reading = nullOn(zk.get(path), 'NO_NODE');
  const listing = nullOn(zk.children(path), 'NO_NODE');
  const [znode, names] = await Promise.all([reading, listing]);
  if (znode === null || names === null) return null;
  const batch = decodeBatch(path, znode.data);
  const { header } = batch;
  const results = await readResults(zk, id, names, log);
  return results === null
    ? null
    : { id, header, payload: (index) => batch.payload(index), ctime: znode.stat.ctime, results };
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
  try {
    const { header, ends } = decodeResult(path, znode.data);
    return { name, header, ctime: znode.stat.ctime, ends: new Map(ends.map((end) => [end.index, end])) };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    log.event('record.invalid', { path, reason: error.message });
    return 'garbage';
  }
}
