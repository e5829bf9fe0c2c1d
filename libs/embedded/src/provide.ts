import type { CommonOptions } from './make-server.js';
import { startEnsemble, startZooKeeper } from './start.js';
import type { ZooKeeperServer } from './server-process.js';

export interface ProvideOptions extends CommonOptions {
  /** 1 (default): a server alone; more: an ensemble. */
  readonly servers?: number;
  /** The port of a single server; 0 or absent: a free one. */
  readonly port?: number;
  /** The environment in which `DROVER_ZK` is looked up; default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A ZooKeeper to work with: one that was started here, or another one. */
export interface ProvidedZooKeeper {
  /** The connect string; with `DROVER_ZK` exactly that, chroot included. */
  readonly connect: string;
  /** The servers that were started here; empty when `DROVER_ZK` names a ZooKeeper. */
  readonly servers: readonly ZooKeeperServer[];
  /** Stops the servers that were started here, and no others. */
  stop(): Promise<void>;
}

/** The ZooKeeper that `DROVER_ZK` names, or else one that is started here. Throws as `startZooKeeper` does. */
export async function provideZooKeeper(options: ProvideOptions): Promise<ProvidedZooKeeper> {
  const { servers = 1, env = process.env } = options;
  if (env.DROVER_ZK) return { connect: env.DROVER_ZK, servers: [], stop: () => Promise.resolve() };
  if (servers > 1) return startEnsemble({ ...options, servers });
  const server = await startZooKeeper(options);
  return { connect: server.connect, servers: [server], stop: () => server.stop() };
}
