import { systemRuntime } from '@drover/runtime';
import { testProxy, testZooKeeper, type FaultProxy, type Teardown } from '@drover/testing';
import { isZooKeeperError, ProtocolClient, type ProtocolClientOptions } from '../../src/index.js';

/** Long enough that a busy machine, which stalls every process now and then, suspends nobody. */
const CALM_MS = 10_000;
/**
 * For tests that wait until a lease or a session ends: the shortest timeout with which a process on a busy machine is
 * still in time for what it does after each third of it.
 */
export const SHORT = { sessionTimeoutMs: 3_000 } as const;

export interface FaultWorld {
  /** `host:port` of the server itself. */
  address: string;
  chroot: string;
  proxy: FaultProxy;
  /** The handle that is hurt: through the proxy, connected. */
  zk: ProtocolClient;
  /** Another one, past the proxy, which sees what is true. */
  witness: ProtocolClient;
  /** A further handle through the proxy; it need not be connected yet. */
  open(options?: Partial<ProtocolClientOptions>): ProtocolClient;
}

/** A chroot of a real ZooKeeper, a proxy before it, a handle to hurt and one to see with. */
export async function faultWorld(t: Teardown, options: Partial<ProtocolClientOptions> = {}): Promise<FaultWorld> {
  const { address, chroot } = await testZooKeeper(t);
  const proxy = await testProxy(t, address);
  const open = (more: Partial<ProtocolClientOptions> = {}): ProtocolClient => {
    const connect = proxy.address + chroot;
    const handle = new ProtocolClient({
      connect,
      sessionTimeoutMs: CALM_MS,
      runtime: systemRuntime,
      ...more,
    });
    t.teardown(() => handle.close());
    return handle;
  };
  const witness = open({ connect: address + chroot });
  const zk = open(options);
  await Promise.all([witness.connected(), zk.connected()]);
  return { address, chroot, proxy, zk, witness, open };
}

/** Tries until it is acknowledged. A name of its own makes the retry of a create whose answer was lost harmless. */
export async function createSurely(zk: ProtocolClient, path: string): Promise<void> {
  for (;;) {
    try {
      await zk.connected();
      await zk.create(path);
      return;
    } catch (error) {
      if (isZooKeeperError(error, 'NODE_EXISTS')) return;
      if (!isZooKeeperError(error, 'CONNECTION_LOSS')) throw error;
    }
  }
}

/** Resolves when the znode is gone, as `witness` sees it. */
export async function goneAt(witness: ProtocolClient, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      witness.exists(path, look).then((stat) => {
        if (stat === null) resolve();
      }, reject);
    };
    look();
  });
}
