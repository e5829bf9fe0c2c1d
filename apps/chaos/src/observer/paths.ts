import { nullOn, type ZooKeeper } from '@drover/zookeeper';

/** Everything that there is below `path`, which is left out. What goes meanwhile may be named. */
export async function pathsBelow(zk: ZooKeeper, path = '/'): Promise<string[]> {
  const children = (await nullOn(zk.children(path), 'NO_NODE')) ?? [];
  const paths = children.map((name) => `${path === '/' ? '' : path}/${name}`);
  return [...paths, ...(await Promise.all(paths.map((below) => pathsBelow(zk, below)))).flat()];
}
