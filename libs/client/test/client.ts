import { testZooKeeper, testZooKeeperBehindProxy, type FaultProxy, type Teardown } from '@drover/testing';
import { connect, type ConnectOptions, type Drover } from '../src/index.js';
import { PlayedCluster } from './played-cluster.js';

export interface World {
  drover: Drover;
  cluster: PlayedCluster;
  /** `host:port/chroot`. */
  zk: string;
}

/** A client and a played cluster on a chroot of their own. */
export async function world(t: Teardown, options: Partial<ConnectOptions> = {}): Promise<World> {
  const { connect: zk } = await testZooKeeper(t);
  const cluster = await PlayedCluster.start(t, zk);
  return { drover: await client(t, zk, options), cluster, zk };
}

/** The client reaches ZooKeeper through a proxy; the cluster does not. */
export async function worldBehindProxy(
  t: Teardown,
  options: Partial<ConnectOptions> = {},
): Promise<World & { proxy: FaultProxy }> {
  const { address, chroot, connect: zk, proxy } = await testZooKeeperBehindProxy(t);
  const cluster = await PlayedCluster.start(t, address + chroot);
  return { drover: await client(t, zk, options), cluster, zk: address + chroot, proxy };
}

export async function client(t: Teardown, zk: string, options: Partial<ConnectOptions> = {}): Promise<Drover> {
  const drover = await connect({ onWarning: () => undefined, ...options, zk });
  t.teardown(() => drover.close());
  return drover;
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}
