import type { BatchId } from '@drover/core';
import {
  batchPath,
  compareResultNames,
  decodeBatch,
  decodeResult,
  parseResultName,
  resultName,
  resultPath,
  type ResultName,
} from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import type { StoredBatch } from './task-view.js';

export interface ReadBatch extends StoredBatch {
  payload: (index: number) => string | undefined;
}

/** A batch with all its results; `null` where it is not there (any more). Throws `RecordError`. */
export async function readBatch(zk: ZooKeeper, id: BatchId): Promise<ReadBatch | null> {
  const path = batchPath(id);
  const reading = nullOn(zk.get(path), 'NO_NODE');
  const listing = nullOn(zk.children(path), 'NO_NODE');
  const [znode, names] = await Promise.all([reading, listing]);
  if (znode === null || names === null) return null;
  const batch = decodeBatch(path, znode.data);
  const { header } = batch;
  const results = await readResults(zk, id, names);
  return results === null
    ? null
    : { id, header, payload: (index) => batch.payload(index), ctime: znode.stat.ctime, results };
}

async function readResults(
  zk: ZooKeeper,
  id: BatchId,
  names: readonly string[],
): Promise<StoredBatch['results'] | null> {
  const ordered = names
    .map((name) => parseResultName(name))
    .filter((name) => name !== null)
    .sort(compareResultNames);
  const results = await Promise.all(ordered.map((name) => readResult(zk, id, name)));
  const found = results.filter((result) => result !== null);
  return found.length === results.length ? found : null;
}

async function readResult(zk: ZooKeeper, id: BatchId, name: ResultName): Promise<StoredBatch['results'][0] | null> {
  const path = resultPath(id, resultName(name));
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  const { header, ends } = decodeResult(path, znode.data);
  return { name, header, ctime: znode.stat.ctime, ends: new Map(ends.map((end) => [end.index, end])) };
}
