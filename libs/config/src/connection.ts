import { CONNECTION_DEFAULTS } from '@drover/core';
import { withRoot } from '@drover/protocol';
import { ConfigError } from './errors.js';
import { type connectionFields, type processFields, type ZkDriver } from './fields.js';
import type { Resolved } from './resolve.js';
import { readSettingsFile } from './settings-file.js';

/** How to reach ZooKeeper. */
export interface ConnectionConfig {
  /** The connect string; it always has a chroot. */
  connect: string;
  driver: ZkDriver;
  sessionTimeoutMs: number;
  connectTimeoutMs: number;
  /**
   * Absent: plain TCP. Reads the PEM files that were named: call it for each attempt to connect. Throws `ConfigError`.
   */
  tls?: () => TlsConfig;
  /** The files that `tls` reads, for a thread of this process, which makes the function anew: `tlsFrom`. */
  tlsFiles?: TlsFiles;
  auth: readonly { scheme: string; credentials: string }[];
}

/** Plain data. Each file with the name under which the user set it. */
export interface TlsFiles {
  files: Partial<Record<'ca' | 'cert' | 'key' | 'passphrase', { path: string; source: string }>>;
  servername?: string;
}

export interface TlsConfig {
  ca?: string;
  cert?: string;
  key?: string;
  passphrase?: string;
  servername?: string;
}

/** The settings of every process. */
export interface ProcessConfig {
  zookeeper: ConnectionConfig;
  log: { level: LogLevelName; stacks: boolean };
}
export type LogLevelName = 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export type CommonResolved = Resolved<typeof connectionFields & typeof processFields>;

/** Reads the files that hold secrets too. Throws `ConfigError`. */
export function toProcessConfig(resolved: CommonResolved, defaultLevel: LogLevelName = 'info'): ProcessConfig {
  const { values } = resolved;
  const tlsFiles = toTlsFiles(resolved);
  const tls = tlsFiles === null ? null : tlsFrom(tlsFiles);
  // At the start an unreadable file throws; later on only the attempt to connect fails.
  tls?.();
  return {
    zookeeper: {
      connect: withRoot(values.zk ?? CONNECTION_DEFAULTS.servers),
      driver: values.zkDriver ?? 'drover',
      sessionTimeoutMs: values.sessionTimeout ?? CONNECTION_DEFAULTS.sessionTimeoutMs,
      connectTimeoutMs: values.connectTimeout ?? CONNECTION_DEFAULTS.connectTimeoutMs,
      ...(tls === null || tlsFiles === null ? {} : { tls, tlsFiles }),
      auth: values.zkAuthFile === undefined ? [] : readAuth(values.zkAuthFile, resolved.nameOf('zkAuthFile')),
    },
    log: { level: values.logLevel ?? defaultLevel, stacks: values.debug ?? false },
  };
}

function readAuth(path: string, source: string): { scheme: string; credentials: string }[] {
  const lines = readSettingsFile(path, source)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line, index) => {
    const [, scheme, credentials] = /^([a-z0-9]+):(.+)$/.exec(line) ?? [];
    if (scheme !== undefined && credentials !== undefined) return { scheme, credentials };
    throw new ConfigError([
      `${source}: ${path}: entry ${index + 1}: expected SCHEME:CREDENTIALS, as digest:USER:PASSWORD`,
    ]);
  });
}

function toTlsFiles(resolved: CommonResolved): TlsFiles | null {
  const { values, nameOf } = resolved;
  const { zkTls, zkTlsCaFile, zkTlsCertFile, zkTlsKeyFile, zkTlsPassphraseFile, zkTlsServername: servername } = values;
  if ((zkTlsCertFile === undefined) !== (zkTlsKeyFile === undefined)) {
    const [given, missing] = zkTlsCertFile === undefined ? (['Key', 'Cert'] as const) : (['Cert', 'Key'] as const);
    throw new ConfigError([`${nameOf(`zkTls${given}File`)} requires ${nameOf(`zkTls${missing}File`)}`]);
  }
  const parts = [zkTlsCaFile, zkTlsCertFile, zkTlsKeyFile, zkTlsPassphraseFile, servername];
  if (zkTls === false || (zkTls === undefined && parts.every((part) => part === undefined))) return null;
  const file = (name: 'ca' | 'cert' | 'key' | 'passphrase', field: Parameters<typeof nameOf>[0], path?: string) =>
    path === undefined ? {} : { [name]: { path, source: nameOf(field) } };
  return {
    files: {
      ...file('ca', 'zkTlsCaFile', zkTlsCaFile),
      ...file('cert', 'zkTlsCertFile', zkTlsCertFile),
      ...file('key', 'zkTlsKeyFile', zkTlsKeyFile),
      ...file('passphrase', 'zkTlsPassphraseFile', zkTlsPassphraseFile),
    },
    ...(servername === undefined ? {} : { servername }),
  };
}

/** A function that reads the files anew at each call. It throws `ConfigError`. */
export function tlsFrom({ files, servername }: TlsFiles): () => TlsConfig {
  const read = (file: TlsFiles['files'][keyof TlsFiles['files']]): string | undefined =>
    file === undefined ? undefined : readSettingsFile(file.path, file.source);
  return () =>
    withoutUndefined({
      ca: read(files.ca),
      cert: read(files.cert),
      key: read(files.key),
      passphrase: read(files.passphrase)?.replace(/\r?\n$/, ''),
      servername,
    });
}

function withoutUndefined<T extends Record<string, string | undefined>>(record: T): { [Key in keyof T]?: string } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: string;
  };
}
