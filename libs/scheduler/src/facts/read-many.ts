import { nullOn, type ReadResult, type ZooKeeper, type Znode } from '@drover/zookeeper';

/** The znodes at `paths`, in their order, `null` where there is none: in one request, where the driver can. */
export async function readMany(zk: ZooKeeper, paths: readonly string[]): Promise<(Znode | null)[]> {
  if (paths.length <= 1 || !zk.capabilities.multiRead)
    return Promise.all(paths.map((path) => nullOn(zk.get(path), 'NO_NODE')));
  const results = await zk.multiRead(paths.map((path) => ({ op: 'get', path })));
  return results.map(znodeOf);
}

function znodeOf(result: ReadResult): Znode | null {
  if (result.op === 'get') return result.znode;
  if (result.op === 'error' && result.error.code !== 'NO_NODE') throw result.error;
  return null;
}
