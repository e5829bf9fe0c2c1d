import { parseAssignmentName, ROOTS, workerAssignmentsPath, workerName } from '@drover/protocol';
import { unlessAborted, type Runtime } from '@drover/runtime';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';

/**
 * Resolves when no task is out at the worker: it has no assignment in any of its sessions. The leader may hand out more
 * afterwards, so drain the worker first. An assignment exists exactly while its tasks are out, so only the names below
 * `/assignments/<worker>` are read, and a watch of each directory tells of changes.
 */
export async function untilNothingOut(
  worker: string,
  { connection, runtime }: { connection: Connection; runtime: Runtime },
  signal?: AbortSignal,
): Promise<void> {
  while (!(await withHandle(connection.reader, runtime, (zk) => nothingOut(zk, worker, signal), signal)))
    signal?.throwIfAborted();
}

/** True: nothing is out at the worker; false: something changed after it was found to have tasks out. */
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
