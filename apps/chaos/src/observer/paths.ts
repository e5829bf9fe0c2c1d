import { nullOn, type ZooKeeper } from '@drover/zookeeper';

/** The paths of all znodes below `path`, without `path` itself. A znode that is deleted meanwhile may be among them. */
export async function pathsBelow(zk: ZooKeeper, path = '/'): Promise<string[]> {
  const children = (await nullOn(zk.children(path), 'NO_NODE')) ?? [];
  const paths = children.map((name) => `${path === '/' ? '' : path}/${name}`);
  return [...paths, ...(await Promise.all(paths.map((below) => pathsBelow(zk, below)))).flat()];
}
