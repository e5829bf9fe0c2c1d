import { parseAssignmentName, ROOTS, workerAssignmentsPath, workerName } from '@drover/protocol';
import { unlessAborted, type Runtime } from '@drover/runtime';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';

/**
 * Resolves when the worker has nothing out: no assignment of any of its incarnations is there. Says nothing of what the
 * leader hands out afterwards, so drain it first. An assignment exists exactly while its tasks are out, so the names
 * below `/assignments/<worker>` are all that is read; a watch of each directory wakes us.
 */
export async function untilNothingOut(
  worker: string,
  { connection, runtime }: { connection: Connection; runtime: Runtime },
  signal?: AbortSignal,
): Promise<void> {
  while (!(await withHandle(connection.reader, runtime, (zk) => nothingOut(zk, worker, signal), signal)))
    signal?.throwIfAborted();
}

/** True when nothing is out; false when something changed since it was. */
async function nothingOut(zk: ZooKeeper, worker: string, signal: AbortSignal | undefined): Promise<boolean> {
  const ids = (await zk.children(ROOTS.assignments)).filter((id) => id === worker || workerName(id) === worker);
  for (const id of ids) {
    let wake = (): void => undefined;
    const changed = new Promise<void>((resolve) => (wake = resolve));
    const names = (await nullOn(zk.children(workerAssignmentsPath(id), wake), 'NO_NODE')) ?? [];
    if (!names.some((name) => parseAssignmentName(name) !== null)) continue;
    await (signal === undefined ? changed : unlessAborted(changed, signal));
    return false;
  }
  return true;
}
