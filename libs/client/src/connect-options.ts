import { hostname } from 'node:os';
import { InvalidArgumentError, LIMITS, parseDuration } from '@drover/core';
import { silentLog, silentMetrics, type Log, type Metrics } from '@drover/observability';
import { systemRuntime, type Runtime } from '@drover/runtime';
import { connectZooKeeper, type ZooKeeperFactory, type ZooKeeperOptions } from '@drover/zookeeper';
import type { ClientLimits, ConnectOptions } from './options.js';
import { emitWarning, type ClientWarning } from './warnings.js';

/** Options as given, checked and completed. */
export interface ResolvedConnect {
  zookeeper: ZooKeeperOptions;
  driver: ZooKeeperFactory;
  connectTimeoutMs: number;
  commandTimeoutMs: number;
  name: string;
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  limits: ClientLimits;
  onWarning: (warning: ClientWarning) => void;
}

const DEFAULT_SESSION = '10s';
const DEFAULT_TIMEOUT = '10s';

const DEFAULT_LIMITS: Readonly<ClientLimits> = Object.freeze({
  batchTasks: LIMITS.batchTasks,
  batchBytes: LIMITS.batchBytes,
  batchesInFlight: 16,
  unwrittenTasks: 500_000,
  unwrittenBytes: 256 * 1024 * 1024,
  aheadTasks: 20_000,
  aheadBytes: 32 * 1024 * 1024,
  keptResultBytes: 8 * 1024 * 1024,
});

/** Above these a batch would no longer fit one request, or its index no longer an id. */
const HIGHEST: Partial<ClientLimits> = { batchTasks: 10_000, batchBytes: LIMITS.multiBytes };

/** Throws `InvalidArgumentError`. */
export function resolveConnect(given: string | ConnectOptions): ResolvedConnect {
  const options = typeof given === 'string' ? { zk: given } : given;
  const { runtime = systemRuntime, log = silentLog, metrics = silentMetrics, driver = connectZooKeeper } = options;
  return {
    zookeeper: {
      connect: checkConnectString(options.zk),
      sessionTimeoutMs: parseDuration('sessionTimeout', options.sessionTimeout ?? DEFAULT_SESSION),
      runtime,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      ...(options.auth === undefined ? {} : { auth: options.auth }),
    },
    driver,
    connectTimeoutMs: parseDuration('connectTimeout', options.connectTimeout ?? DEFAULT_TIMEOUT),
    commandTimeoutMs: parseDuration('commandTimeout', options.commandTimeout ?? DEFAULT_TIMEOUT),
    name: options.name ?? `${hostname()}:${process.pid}`,
    runtime,
    log,
    metrics,
    limits: resolveLimits(options.limits ?? {}),
    onWarning: options.onWarning ?? emitWarning,
  };
}

function checkConnectString(zk: unknown): string {
  if (typeof zk === 'string' && /^[^\s,/]+(,[^\s,/]+)*(\/\S*)?$/.test(zk)) return zk;
  throw new InvalidArgumentError('zk', zk, "'host:port[,host:port...][/chroot]'");
}

function resolveLimits(given: Partial<ClientLimits>): ClientLimits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof ClientLimits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    const highest = HIGHEST[name] ?? Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(value) || value < 1 || value > highest)
      throw new InvalidArgumentError(`limits.${name}`, value, `a whole number from 1 to ${highest}`);
    limits[name] = value;
  }
  return limits;
}
