export const LOOPBACK = '127.0.0.1';

/** PKCS12 stores for the secure client port; ZooKeeper reads the passwords from its own configuration file. */
export interface TlsSettings {
  readonly keyStorePath: string;
  readonly keyStorePassword: string;
  /** The certificates (not keys) that are trusted. ZooKeeper opens no TLS connection without any. */
  readonly trustStorePath: string;
  readonly trustStorePassword: string;
  /** Whether clients must show a certificate of their own. `need` when absent, as in ZooKeeper itself. */
  readonly clientAuth?: 'none' | 'want' | 'need';
}

/** One server of an ensemble: `server.<id>=<host>:<quorumPort>:<electionPort>`. */
export interface EnsembleMember {
  readonly id: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly quorumPort: number;
  readonly electionPort: number;
}

export interface ServerSettings {
  readonly dataDir: string;
  /** The address that clients connect to; default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly secureClientPort?: number | undefined;
  readonly tls?: TlsSettings | undefined;
  /** Session timeouts are clamped to 2..20 ticks. */
  readonly tickTimeMs: number;
  /** Empty for a server alone. */
  readonly members: readonly EnsembleMember[];
  /** Which of the members this is. */
  readonly memberId?: number | undefined;
  /** Further lines of zoo.cfg, which win over ours. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
}

/**
 * The text of zoo.cfg. fsync stays on, as everywhere: an acknowledged write is on the disk.
 * Why these values: docs/operations.md.
 */
export function zooCfg(settings: ServerSettings): string {
  const entries: Record<string, string> = {
    tickTime: String(settings.tickTimeMs),
    initLimit: '20',
    syncLimit: '8',
    dataDir: `${settings.dataDir}/data`,
    clientPort: String(settings.port),
    clientPortAddress: settings.host ?? LOOPBACK,
    maxClientCnxns: '0',
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': 'srvr,mntr,ruok,wchs,cons',
    'autopurge.snapRetainCount': '3',
    'autopurge.purgeInterval': '1',
    snapshotSizeFactor: '-1',
    ...tlsEntries(settings),
    ...ensembleEntries(settings),
    ...settings.extra,
  };
  return Object.entries(entries)
    .map(([key, value]) => `${key}=${escapeProperty(value)}\n`)
    .join('');
}

function tlsEntries({ secureClientPort, tls }: ServerSettings): Record<string, string> {
  if (secureClientPort === undefined || tls === undefined) return {};
  return {
    secureClientPort: String(secureClientPort),
    secureClientPortAddress: LOOPBACK,
    serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
    'ssl.clientAuth': tls.clientAuth ?? 'need',
    'ssl.keyStore.type': 'PKCS12',
    'ssl.keyStore.location': tls.keyStorePath,
    'ssl.keyStore.password': tls.keyStorePassword,
    'ssl.trustStore.type': 'PKCS12',
    'ssl.trustStore.location': tls.trustStorePath,
    'ssl.trustStore.password': tls.trustStorePassword,
  };
}

function ensembleEntries({ members }: ServerSettings): Record<string, string> {
  return Object.fromEntries(
    members.map(({ id, host = LOOPBACK, quorumPort, electionPort }) => [
      `server.${id}`,
      `${host}:${quorumPort}:${electionPort}`,
    ]),
  );
}

/** zoo.cfg is a Java properties file: ISO-8859-1, where a backslash escapes. */
function escapeProperty(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Arguments for a server that lives for seconds, such as one of a test: the JVM compiles and collects with less
 * processor time, and is slower under load. Nothing is measured on such a server.
 */
export const SHORT_LIVED_JVM: readonly string[] = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

export interface JvmSettings {
  readonly java: string;
  readonly classPath: readonly string[];
  readonly dataDir: string;
  readonly heapMb: number;
  readonly arguments: readonly string[];
}

/** The command line of one server. Everything that the JVM writes stays in the data folder. */
export function serverCommand({ java, classPath, dataDir, heapMb, arguments: more }: JvmSettings): string[] {
  return [
    java,
    `-Xmx${heapMb}m`,
    '-XX:+ExitOnOutOfMemoryError',
    // No /tmp/hsperfdata_<user>, no crash file in the current folder, Netty's native library not in /tmp.
    '-XX:-UsePerfData',
    `-XX:ErrorFile=${dataDir}/hs_err.log`,
    `-Djava.io.tmpdir=${dataDir}/tmp`,
    '-Djava.awt.headless=true',
    '-Dzookeeper.jmx.log4j.disable=true',
    '-Dzookeeper.extendedTypesEnabled=true',
    // In KiB; the default of 64 MiB a log file is for servers with a disk of their own.
    '-Dzookeeper.preAllocSize=4096',
    `-Ddrover.log=${dataDir}/zookeeper.log`,
    ...more,
    '-cp',
    [`${dataDir}/conf`, ...classPath].join(':'),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    `${dataDir}/conf/zoo.cfg`,
  ];
}
