import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper, type Stat } from '@drover/zookeeper';
import { ROOT } from '../members/roles.js';
import { pathsBelow } from './paths.js';

const SESSION_MS = 6_000;

/** The transaction that changed each znode last, and the number of its children, by path. */
export type Tree = ReadonlyMap<string, string>;

/**
 * The paths below the root that are not alike on all servers, each asked by itself after it has caught up. The leader may
 * still have its `/status` to write: so two looks in a row must find the same.
 * `addresses`: `host:port` of each server.
 */
export async function differencesOf(addresses: readonly string[]): Promise<string[]> {
  const look = (): Promise<Tree[]> => Promise.all(addresses.map(treeAt));
  for (let before = await look(); ;) {
    const after = await look();
    if (before.every((tree, server) => unlike([tree, after[server] as Tree]).length === 0)) return unlike(after);
    before = after;
  }
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
    const paths = await pathsBelow(zk);
    return new Map(await Promise.all(paths.map(async (path) => [path, stateOf(await zk.exists(path))] as const)));
  } finally {
    await zk.close();
  }
}

const stateOf = (stat: Stat | null): string => (stat === null ? 'gone' : `${stat.mzxid} ${stat.numChildren}`);
