import { connect, type ClientLimits, type Drover } from '@drover/client';
import { flagName, resolveClientConfig } from '@drover/config';
import { withinConnectTimeout } from '@drover/coordination';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper, type ZooKeeper, type ZooKeeperOptions } from '@drover/zookeeper';

/**
 * How the ensemble is reached, apart from its address: settings of a connection as they were given, by field name. Files
 * of secrets stand here by their paths, so that this may be handed to other processes as it is.
 */
export type ConnectionFlags = Readonly<Record<string, unknown>>;

/** Long: what is measured must not end because this machine is busy. */
const SESSION_TIMEOUT_MS = 20_000;

type Secrets = Pick<ZooKeeperOptions, 'tls' | 'auth'>;

/** Throws `ConfigError`. */
export function secretsOf(connection: ConnectionFlags): Secrets {
  const { tls, auth } = resolveClientConfig({ flags: connection, env: {} }).zookeeper;
  return { auth, ...(tls === undefined ? {} : { tls }) };
}

export function openHandle(zk: string, connection: ConnectionFlags): ZooKeeper {
  const options = { connect: zk, sessionTimeoutMs: SESSION_TIMEOUT_MS, runtime: systemRuntime };
  return connectZooKeeper({ ...options, ...secretsOf(connection) });
}

/** Throws `ConnectTimeoutError`. */
export function reached(zk: ZooKeeper, address: string, connection: ConnectionFlags): Promise<void> {
  const { connectTimeoutMs: timeoutMs } = resolveClientConfig({ flags: connection, env: {} }).zookeeper;
  const bound = { connect: address, timeoutMs, runtime: systemRuntime, whyNot: () => zk.lastFailure };
  return withinConnectTimeout(bound, (signal) => zk.connected(signal));
}

export function openClient(
  zk: string,
  connection: ConnectionFlags,
  limits: Partial<ClientLimits> = {},
): Promise<Drover> {
  // That no scheduler has led yet is no news: some parts submit before they start one.
  return connect({ zk, limits, onWarning: () => undefined, ...secretsOf(connection) });
}

/** The same settings as options of the `drover` program. */
export function commandOptions(connection: ConnectionFlags): string[] {
  return Object.entries(connection).map(([name, value]) => `${flagName(name)}=${String(value)}`);
}
