import { resolveClientConfig } from '@drover/config';
import { unlessAborted, within } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import type { Environment } from './command.js';
import { clientSettingsOf } from './settings.js';

/**
 * A plain handle of ZooKeeper, for what the client library has no call for. It writes nothing but its session. Rejects with
 * `ConnectTimeoutError`.
 */
export async function withHandle<T>(environment: Environment, work: (zk: ZooKeeper) => Promise<T>): Promise<T> {
  const { runtime, signal } = environment;
  const { loadDriver } = await import('@drover/zookeeper');
  const { zookeeper } = resolveClientConfig(clientSettingsOf(environment));
  const { connect, driver, sessionTimeoutMs, connectTimeoutMs, tls, auth } = zookeeper;
  const factory = await loadDriver(driver);
  const zk = factory({ connect, sessionTimeoutMs, auth, runtime, ...(tls === undefined ? {} : { tls }) });
  try {
    const isThere = await unlessAborted(within(runtime, connectTimeoutMs, zk.connected(signal)), signal);
    if (!isThere) {
      const { ConnectTimeoutError } = await import('@drover/client');
      throw new ConnectTimeoutError(connect, connectTimeoutMs, zk.lastFailure);
    }
    return await unlessAborted(work(zk), signal);
  } finally {
    await zk.close();
  }
}
