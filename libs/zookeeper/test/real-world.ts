import { systemRuntime } from '@drover/runtime';
import { PlainSession, testZooKeeper, type Teardown } from '@drover/testing';
import type { World } from '../src/conformance/index.js';
import type { ZooKeeper, ZooKeeperOptions } from '../src/index.js';
import { testProxyInThread } from './proxy-thread.js';

export type OpenHandle = (options: ZooKeeperOptions) => ZooKeeper | Promise<ZooKeeper>;

/** Long enough that a busy machine ends no session. */
const SESSION_TIMEOUT_MS = 10_000;

/** A chroot of a real ZooKeeper behind a proxy, as the laws want it. */
export async function realWorld(t: Teardown, openHandle: OpenHandle): Promise<World> {
  const { address, chroot } = await testZooKeeper(t);
  const proxy = await testProxyInThread(t, address);
  return {
    async open({ at = '', ...options } = {}) {
      const handle = await openHandle({
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        ...options,
        connect: proxy.address + chroot + at,
        runtime: systemRuntime,
      });
      t.teardown(() => handle.close());
      return handle;
    },
    disconnect: () => proxy.cut(),
    expire: async (zk) => {
      await zk.connected();
      await PlainSession.endOneOf(await proxy.sessions(), address, zk.sessionId);
    },
  };
}
