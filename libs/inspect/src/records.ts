import { RecordError } from '@drover/core';
import {
  decodeRecord,
  queuePath,
  ROOTS,
  schedulerPath,
  workerPath,
  type LeaderRecord,
  type QueueRecord,
  type RecordKind,
  type RECORDS,
  type SchedulerRecord,
  type StatusRecord,
  type WorkerRecord,
} from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';

type RecordOf<Kind extends RecordKind> = (typeof RECORDS)[Kind]['_output'];

export const readLeader = (zk: ZooKeeper): Promise<LeaderRecord | null> => readOne(zk, 'leader', ROOTS.leader);
export const readStatus = (zk: ZooKeeper): Promise<StatusRecord | null> => readOne(zk, 'status', ROOTS.status);
/** `asOf`: when the worker wrote it, by ZooKeeper's clock. */
export const readWorkers = (zk: ZooKeeper): Promise<Map<string, WorkerRecord & { asOf: number }>> =>
  readAll(zk, ROOTS.workers, async (name) => {
    const read = await readDated(zk, 'worker', workerPath(name));
    return read === null ? null : { ...read.record, asOf: read.mtime };
  });
export const readSchedulers = (zk: ZooKeeper): Promise<Map<string, SchedulerRecord>> =>
  readAll(zk, ROOTS.schedulers, (name) => readOne(zk, 'scheduler', schedulerPath(name)));

/** Null: somebody has written something there that is no such record. */
export async function readQueues(zk: ZooKeeper): Promise<Map<string, QueueRecord | null>> {
  const names = (await childrenOf(zk, ROOTS.queues)).sort();
  const records = await Promise.all(names.map((name) => readOne(zk, 'queue', queuePath(name))));
  return new Map(names.map((name, at) => [name, records[at] ?? null]));
}

/** Names below `path`; none if there is no such znode. */
export async function childrenOf(zk: ZooKeeper, path: string): Promise<string[]> {
  return (await nullOn(zk.children(path), 'NO_NODE')) ?? [];
}

/**
 * The record at `path`. `null`: there is no znode, or its data is no such record. One record that somebody wrote by
 * hand must not keep the others from being shown.
 */
export async function readOne<Kind extends RecordKind>(
  zk: ZooKeeper,
  kind: Kind,
  path: string,
): Promise<RecordOf<Kind> | null> {
  return (await readDated(zk, kind, path))?.record ?? null;
}

async function readDated<Kind extends RecordKind>(
  zk: ZooKeeper,
  kind: Kind,
  path: string,
): Promise<{ record: RecordOf<Kind>; mtime: number } | null> {
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  try {
    return { record: decodeRecord(kind, path, znode.data), mtime: znode.stat.mtime };
  } catch (error) {
    if (error instanceof RecordError) return null;
    throw error;
  }
}

/** The records below `parent` by name, in the order of the names. Those that vanish meanwhile are left out. */
async function readAll<Found>(
  zk: ZooKeeper,
  parent: string,
  read: (name: string) => Promise<Found | null>,
): Promise<Map<string, Found>> {
  const names = (await childrenOf(zk, parent)).sort();
  const records = await Promise.all(names.map(read));
  const found = new Map<string, Found>();
  names.forEach((name, i) => {
    const record = records[i];
    if (record !== null && record !== undefined) found.set(name, record);
  });
  return found;
}
