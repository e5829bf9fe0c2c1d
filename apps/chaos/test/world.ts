import { fileURLToPath } from 'node:url';
import { SHORT_LIVED_JVM } from '@drover/embedded';
import { systemRuntime } from '@drover/runtime';
import { testFolder, type Teardown } from '@drover/testing';
import { connectZooKeeper, type ZooKeeper } from '@drover/zookeeper';
import type { Home, Server, Topology } from '../src/system.js';
import { Network } from '../src/topology/namespaces/network.js';
import { startTopology, type TopologyOptions } from '../src/topology/topology.js';
import { ToldProcess } from './told-process.js';

export type Closing = () => unknown;
export const SESSION_MS = 3_000;
const PROBE = fileURLToPath(new URL('probe.child.js', import.meta.url));

/** Why this machine allows no network namespaces; `undefined`: it does. Found by trying. */
async function whyNoNamespaces(): Promise<string | undefined> {
  try {
    const network = await Network.create();
    await network.close();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

export const WHY_NO_NAMESPACES = await whyNoNamespaces();
/** The kinds of topology that this machine allows. */
export const KINDS: readonly Topology['kind'][] =
  WHY_NO_NAMESPACES === undefined ? ['namespaces', 'proxies'] : ['proxies'];

export async function testTopology(t: Teardown, options: Omit<TopologyOptions, 'folder'>): Promise<Topology> {
  const small = { tickMs: 200, heapMb: 256, javaArguments: SHORT_LIVED_JVM };
  const topology = await startTopology({ folder: await testFolder(t), ...small, ...options });
  t.teardown(() => topology.close());
  return topology;
}

/** A session through doors that no fault touches. */
export function testObserver(t: Teardown, servers: readonly Server[]): ZooKeeper {
  const connect = servers.map(({ address }) => address).join(',');
  const zk = connectZooKeeper({ connect, sessionTimeoutMs: SESSION_MS, runtime: systemRuntime });
  t.teardown(() => zk.close());
  return zk;
}

export function startProbe(home: Home, onLine?: () => void, connect = home.connectString): ToldProcess {
  return new ToldProcess(home, [PROBE, connect, String(SESSION_MS)], onLine);
}

/** Resolves when the znode is there, or when it is not. */
export async function untilThere(zk: ZooKeeper, path: string, there: boolean): Promise<void> {
  for (;;) {
    let changed: () => void = () => undefined;
    const change = new Promise<void>((resolve) => (changed = resolve));
    if (((await zk.exists(path, changed)) !== null) === there) return;
    await change;
  }
}
