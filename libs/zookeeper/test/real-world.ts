import { systemRuntime } from '@drover/runtime';
import { PlainSession, testZooKeeperBehindProxy, type FaultProxy, type Teardown } from '@drover/testing';
import type { World } from '../src/conformance/index.js';
import type { ZooKeeper, ZooKeeperOptions } from '../src/index.js';

export type OpenHandle = (options: ZooKeeperOptions) => ZooKeeper | Promise<ZooKeeper>;

/** A chroot of a real ZooKeeper behind a proxy, as the laws and the fault cases want it. */
export interface RealWorld extends World {
  proxy: FaultProxy;
  /** `host:port` of the server itself, past the proxy. */
  address: string;
  chroot: string;
}

const SESSION_TIMEOUT_MS = 4_000;

export async function realWorld(t: Teardown, openHandle: OpenHandle): Promise<RealWorld> {
  const { connect, address, chroot, proxy } = await testZooKeeperBehindProxy(t);
  return {
    proxy,
    address,
    chroot,
    async open({ at = '', ...options } = {}) {
      const handle = await openHandle({
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        ...options,
        connect: connect + at,
        runtime: systemRuntime,
      });
      t.teardown(() => handle.close());
      return handle;
    },
    disconnect: async () => {
      proxy.cut('reset');
    },
    expire: async (zk) => {
      await zk.connected();
      await endSession(proxy, address, zk.sessionId);
    },
  };
}

/** Closes the session as another holder of its id and password would. */
export async function endSession(proxy: FaultProxy, address: string, sessionId: bigint): Promise<void> {
  const credentials = proxy.sessions.find((session) => session.sessionId === sessionId);
  if (credentials === undefined) throw new Error(`the proxy saw no handshake of session ${sessionId}`);
  const holder = await PlainSession.open(address, credentials);
  await holder.close();
}
