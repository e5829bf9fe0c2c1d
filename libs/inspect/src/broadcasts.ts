import { InvalidArgumentError, isBatchId, RecordError, type BatchId } from '@drover/core';
import type { Log } from '@drover/observability';
import { broadcastPath, BUCKETS, decodeBroadcast, ROOTS, type StoredBroadcast } from '@drover/protocol';
import { nullOn, type Znode, type ZooKeeper } from '@drover/zookeeper';
import { BroadcastNotFoundError } from './broadcast-not-found.js';
import { broadcastSummary, broadcastWorkers, countsOf } from './broadcast-view.js';
import { Cluster } from './cluster.js';
import { childrenOf } from './records.js';
import { readBatch, type StoredBatch } from './stored-batch.js';
import type { BroadcastSummary, BroadcastView } from './views.js';

interface Context {
  log: Log;
  now: number;
}

interface Found extends StoredBroadcast {
  readonly id: BatchId;
  /** By ZooKeeper's clock. */
  readonly submittedAt: number;
}

/** Batches that are read at a time. */
const AT_ONCE = 64;
export const LISTED = 100;

/** Throws `BroadcastNotFoundError`, `InvalidArgumentError`, and `RecordError` where its record is garbage. */
export async function readBroadcastView(zk: ZooKeeper, id: string, { log, now }: Context): Promise<BroadcastView> {
  const found = await foundAt(zk, checkBroadcastId(id));
  // Assignments first, then the results: a report that comes between is seen, and wins.
  const cluster = found.record.finished === undefined ? await Cluster.read(zk) : null;
  const batches = await batchesOf(zk, id, log);
  const workers = (await Promise.all(batches.map((batch) => broadcastWorkers(zk, batch, cluster, now)))).flat();
  workers.sort((a, b) => (a.worker < b.worker ? -1 : 1));
  const payload = JSON.parse(found.payload) as unknown;
  return { ...broadcastSummary(found, countsOf(workers)), payload, workers };
}

/** The newest, the newest first. One that cannot be read is logged and left out. */
export async function listBroadcasts(zk: ZooKeeper, most: number, { log, now }: Context): Promise<BroadcastSummary[]> {
  const lists = await Promise.all(BUCKETS.map((bucket) => childrenOf(zk, `${ROOTS.broadcasts}/${bucket}`)));
  const ids = lists.flat().filter(isBatchId).sort().reverse().slice(0, most);
  const views: BroadcastSummary[] = [];
  for (const id of ids) {
    const view = await summaryOf(zk, id, { log, now });
    if (view !== null) views.push(view);
  }
  return views;
}

async function summaryOf(zk: ZooKeeper, id: BatchId, { log, now }: Context): Promise<BroadcastSummary | null> {
  try {
    const found = await foundAt(zk, id);
    const { finished } = found.record;
    if (finished !== undefined) {
      const { succeeded, failed, cancelled } = finished;
      return broadcastSummary(found, {
        workers: succeeded + failed + cancelled,
        waiting: 0,
        succeeded,
        failed,
        cancelled,
      });
    }
    const batches = await batchesOf(zk, id, log);
    const workers = await Promise.all(batches.map((batch) => broadcastWorkers(zk, batch, null, now)));
    return broadcastSummary(found, countsOf(workers.flat()));
  } catch (error) {
    if (error instanceof BroadcastNotFoundError) return null;
    if (!(error instanceof RecordError)) throw error;
    log.event('record.invalid', { path: broadcastPath(id), reason: error.message });
    return null;
  }
}

async function foundAt(zk: ZooKeeper, id: BatchId): Promise<Found> {
  const path = broadcastPath(id);
  const znode = (await nullOn(zk.get(path), 'NO_NODE')) ?? (await afterSync(zk, path));
  if (znode === null) throw new BroadcastNotFoundError(id);
  return { id, submittedAt: znode.stat.ctime, ...decodeBroadcast(path, znode.data) };
}

/** The server that answered may not have it yet. */
async function afterSync(zk: ZooKeeper, path: string): Promise<Znode | null> {
  if (!zk.capabilities.sync) return null;
  await zk.sync();
  return nullOn(zk.get(path), 'NO_NODE');
}

async function batchesOf(zk: ZooKeeper, id: BatchId, log: Log): Promise<StoredBatch[]> {
  const names = (await nullOn(zk.children(broadcastPath(id)), 'NO_NODE')) ?? [];
  const ids = names.filter(isBatchId).sort();
  const batches: StoredBatch[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = await Promise.all(ids.slice(from, from + AT_ONCE).map((batch) => readBatch(zk, batch, log)));
    for (const batch of some) if (batch !== null && !('unread' in batch)) batches.push(batch);
  }
  return batches;
}

/** Throws `InvalidArgumentError`. */
export function checkBroadcastId(id: unknown): BatchId {
  if (typeof id === 'string' && isBatchId(id)) return id;
  throw new InvalidArgumentError('broadcast', id, 'the id of a broadcast, such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA');
}
