import { taskId, type TaskId } from '@drover/core';
import { BUCKETS, decodeBatchHeader, decodeResult, parseResultName, ROOTS, splitConnectString } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';

/** ZooKeeper's own data about a task, read directly from the znodes. */
export interface Held {
  /** The number of results that say that the task succeeded. */
  successes: number;
  /** The JSON of the result of a task that succeeded. */
  result: string | null;
  attempt: number;
  worker: string;
}

/** A connection of its own to `connect`, for as long as `work` takes. */
export async function withZooKeeper<T>(connect: string, work: (zk: ZooKeeper) => Promise<T>): Promise<T> {
  const { connectZooKeeper } = await import('@drover/zookeeper');
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  try {
    await zk.connected();
    return await work(zk);
  } finally {
    await zk.close();
  }
}

/** Every task of every batch in the tree. */
export async function readHeld(connect: string): Promise<Map<TaskId, Held>> {
  return withZooKeeper(connect, async (zk) => {
    await zk.sync();
    const held = new Map<TaskId, Held>();
    await Promise.all(BUCKETS.map((bucket) => readBucket(zk, `${ROOTS.tasks}/${bucket}`, held)));
    return held;
  });
}

async function readBucket(zk: ZooKeeper, path: string, held: Map<TaskId, Held>): Promise<void> {
  const batches = await zk.children(path);
  await Promise.all(batches.map((batch) => readBatch(zk, `${path}/${batch}`, batch, held)));
}

async function readBatch(zk: ZooKeeper, path: string, batch: string, held: Map<TaskId, Held>): Promise<void> {
  const [{ data }, names] = await Promise.all([zk.get(path), zk.children(path)]);
  const { count } = decodeBatchHeader(path, data);
  for (let index = 0; index < count; index++) {
    held.set(taskId(batch, index), { successes: 0, result: null, attempt: 0, worker: '' });
  }
  const results = names.filter((name) => parseResultName(name) !== null);
  await Promise.all(results.map((name) => readResult(zk, `${path}/${name}`, batch, held)));
}

async function readResult(zk: ZooKeeper, path: string, batch: string, held: Map<TaskId, Held>): Promise<void> {
  const { header, ends } = decodeResult(path, (await zk.get(path)).data);
  for (const { index, outcome, line } of ends) {
    const task = held.get(taskId(batch, index));
    if (task === undefined || outcome !== 'succeeded') continue;
    task.successes++;
    task.result = line !== null && 'result' in line ? JSON.stringify(line.result) : null;
    task.attempt = header.attempt;
    task.worker = header.worker;
  }
}

/** Removes the root that `connect` names with all that is below it. */
export async function removeRoot(connect: string): Promise<void> {
  const { hosts, root } = splitConnectString(connect);
  await withZooKeeper(hosts, (zk) => removeTree(zk, root));
}

async function removeTree(zk: ZooKeeper, path: string): Promise<void> {
  // The members are gone: nobody else writes here any more.
  const children = await zk.children(path);
  await Promise.all(children.map((name) => removeTree(zk, `${path}/${name}`)));
  await zk.delete(path);
}
