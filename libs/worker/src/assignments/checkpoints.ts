import { RecordError } from '@drover/core';
import { decodeResult, resultPath, type AssignmentRecord } from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';

/**
 * The checkpoints that earlier attempts have left for tasks of an assignment, as JSON text by index. The leader says in which
 * results they are and reads none of them, so only attempts that have one cost a read. A result that is gone or garbage
 * leaves nothing: the attempt begins anew. Rejects where ZooKeeper could not be asked.
 */
export async function readCheckpoints(
  zk: ZooKeeper,
  { batch, checkpoints = [] }: Pick<AssignmentRecord, 'batch' | 'checkpoints'>,
): Promise<Map<number, string>> {
  const results = new Set(checkpoints.map(([, result]) => result));
  const found = new Map<number, string>();
  const reading = [...results].map(async (result) => {
    const path = resultPath(batch, result);
    const znode = await nullOn(zk.get(path), 'NO_NODE');
    if (znode === null) return;
    const wanted = new Set(checkpoints.flatMap(([index, of]) => (of === result ? [index] : [])));
    for (const [index, json] of checkpointsIn(path, znode.data)) if (wanted.has(index)) found.set(index, json);
  });
  await Promise.all(reading);
  return found;
}

function checkpointsIn(path: string, data: Uint8Array): (readonly [index: number, json: string])[] {
  try {
    return decodeResult(path, data).ends.flatMap(({ index, line }) =>
      line !== null && 'error' in line && line.checkpoint !== undefined
        ? [[index, JSON.stringify(line.checkpoint)] as const]
        : [],
    );
  } catch (error) {
    if (error instanceof RecordError) return [];
    throw error;
  }
}
