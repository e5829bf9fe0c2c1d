import { resolveClientConfig, type ClientConfig } from '@drover/config';
import type { Drover } from '@drover/client';
import type { Environment } from './command.js';
import { untilInterrupted } from './interruption.js';
import { settingsOf } from './settings.js';

/** Connects, works, and ends the session whatever happened. Rejects with `InterruptedError` when asked to stop. */
export async function withClient<T>(environment: Environment, work: (drover: Drover) => Promise<T>): Promise<T> {
  const config = resolveClientConfig(settingsOf(environment));
  return untilInterrupted(environment.signal, async () => {
    const drover = await connectClient(config);
    try {
      // When we are interrupted the session ends before the process does: nothing of ours lingers in ZooKeeper.
      return await untilInterrupted(environment.signal, () => work(drover));
    } finally {
      await drover.close();
    }
  });
}

export async function connectClient(config: Readonly<ClientConfig>): Promise<Drover> {
  const [{ connect }, { createLog }, { loadDriver }] = await Promise.all([
    import('@drover/client'),
    import('@drover/observability'),
    import('@drover/zookeeper'),
  ]);
  const { zookeeper, log } = config;
  return connect({
    zk: zookeeper.connect,
    tls: zookeeper.tls,
    auth: zookeeper.auth,
    sessionTimeout: zookeeper.sessionTimeoutMs,
    connectTimeout: zookeeper.connectTimeoutMs,
    driver: await loadDriver(zookeeper.driver),
    log: createLog({ level: log.level, stacks: log.stacks, fields: { role: 'client' } }),
  });
}
