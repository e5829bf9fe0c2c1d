import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemRuntime, type Runtime } from '@drover/runtime';
import type { Endpoint } from './four-letter-word.js';
import { obtainToolchain, type Toolchain } from './obtain.js';
import { ServerProcess, type ZooKeeperServer } from './server-process.js';
import type { EnsembleMember, TlsSettings } from './server-settings.js';

const DEFAULT_TICK_TIME_MS = 500;
const DEFAULT_HEAP_MB = 1_024;
const DEFAULT_READY_TIMEOUT_MS = 60_000;
const DEFAULT_STOP_TIMEOUT_MS = 10_000;

export interface CommonOptions {
  /**
   * Everything that the servers write: configuration, transaction logs, snapshots, logs. Made when it does not exist.
   */
  readonly dataDir: string;
  /** Default 500. Session timeouts are clamped to 2..20 ticks. */
  readonly tickTimeMs?: number;
  /** Default 1024. */
  readonly heapMb?: number;
  /** Further arguments of the JVM. */
  readonly javaArguments?: readonly string[];
  /** Further lines of zoo.cfg, which win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The java program and the ZooKeeper installation; default: those that `obtainToolchain` finds or installs. */
  readonly toolchain?: Toolchain;
  /** Default 60 s. */
  readonly readyTimeoutMs?: number;
  /** The time from SIGTERM to SIGKILL; default 10 s. */
  readonly stopTimeoutMs?: number;
  readonly runtime?: Runtime;
}

/** A member of an ensemble whose addresses the caller chooses: in a network of its own, or behind proxies. */
export interface EnsembleServerOptions extends CommonOptions {
  readonly memberId: number;
  /** The address that clients connect to; default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port: number;
  /** All members as this one sees them: servers may see each other at different addresses. */
  readonly members: readonly EnsembleMember[];
  /** Comes before the server's own command: a program that executes it, such as `nsenter`. */
  readonly prefix?: readonly string[] | undefined;
  /** The address at which this process reaches the server; default: `host` and `port`, as for clients. */
  readonly reachAt?: Endpoint | undefined;
}

/** Starts nothing yet: `launch` does. Throws what `obtainToolchain` throws. */
export async function ensembleServer(options: EnsembleServerOptions): Promise<ZooKeeperServer> {
  const { memberId, host, port, members, prefix, reachAt } = options;
  const dataDir = resolve(options.dataDir);
  const toolchain = options.toolchain ?? (await obtainToolchain());
  return makeServer(options, toolchain, { dataDir, memberId, host, port, members, prefix, reachAt });
}

/** The settings that differ between the servers of one machine. */
interface Place {
  readonly dataDir: string;
  readonly host?: string | undefined;
  readonly port: number;
  readonly secureClientPort?: number | undefined;
  readonly tls?: TlsSettings | undefined;
  readonly members: readonly EnsembleMember[];
  readonly memberId?: number;
  readonly prefix?: readonly string[] | undefined;
  readonly reachAt?: Endpoint | undefined;
}

export function makeServer(options: CommonOptions, toolchain: Toolchain, place: Place): ServerProcess {
  const { prefix, reachAt, ...settings } = place;
  mkdirSync(place.dataDir, { recursive: true });
  return new ServerProcess({
    settings: { ...settings, tickTimeMs: options.tickTimeMs ?? DEFAULT_TICK_TIME_MS, extra: options.settings },
    jvm: {
      java: toolchain.java,
      classPath: toolchain.zooKeeper.classPath,
      dataDir: place.dataDir,
      heapMb: options.heapMb ?? DEFAULT_HEAP_MB,
      arguments: options.javaArguments ?? [],
    },
    prefix,
    reachAt,
    runtime: options.runtime ?? systemRuntime,
    readyTimeoutMs: options.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS,
    stopTimeoutMs: options.stopTimeoutMs ?? DEFAULT_STOP_TIMEOUT_MS,
  });
}
