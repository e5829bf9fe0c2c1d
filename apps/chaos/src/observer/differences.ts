import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper, nullOn, type ZooKeeper } from '@drover/zookeeper';
import { ROOT } from '../members/roles.js';

const SESSION_MS = 6_000;

/** By path: the transaction that changed the znode last, and how many children it has. */
export type Tree = ReadonlyMap<string, string>;

/**
 * The paths below the root that are not alike on all servers, each asked by itself after it has caught up. Nobody may
 * write meanwhile. `addresses`: `host:port` of each server.
 */
export async function differencesOf(addresses: readonly string[]): Promise<string[]> {
  return unlike(await Promise.all(addresses.map(treeAt)));
}

/** Pure. Sorted. */
export function unlike(trees: readonly Tree[]): string[] {
  const paths = new Set(trees.flatMap((tree) => [...tree.keys()]));
  return [...paths].filter((path) => new Set(trees.map((tree) => tree.get(path))).size > 1).sort();
}

async function treeAt(address: string): Promise<Tree> {
  const zk = connectZooKeeper({ connect: address + ROOT, sessionTimeoutMs: SESSION_MS, runtime: systemRuntime });
  try {
    await zk.connected();
    await zk.sync();
    const tree = new Map<string, string>();
    await collect(zk, '/', tree);
    return tree;
  } finally {
    await zk.close();
  }
}

async function collect(zk: ZooKeeper, path: string, tree: Map<string, string>): Promise<void> {
  const [stat, children] = await Promise.all([zk.exists(path), nullOn(zk.children(path), 'NO_NODE')]);
  tree.set(path, `${stat?.mzxid ?? 'gone'} ${stat?.numChildren ?? 0}`);
  const prefix = path === '/' ? '' : path;
  await Promise.all((children ?? []).map((name) => collect(zk, `${prefix}/${name}`, tree)));
}
