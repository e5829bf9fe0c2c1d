import { loadForeignPackage } from './foreign-package.js';

/**
 * The part of `zookeeper` 7.3.0 (Apache's C client) that the adapter uses. Calls return 0, or a code of the refusal.
 */
export interface NativeZooKeeper {
  readonly client_id: string;
  readonly timeout: number;
  init(config: NativeConfig): void;
  close(): void;
  on(event: 'connect' | 'connecting', listener: () => void): void;
  on(event: 'close', listener: (zk: unknown, code: number) => void): void;
  a_create(path: string, data: Buffer, flags: number, done: NativeDone<string>): number;
  a_createTtl(path: string, data: Buffer, flags: number, ttlMs: number, done: NativeDone<string>): number;
  a_exists(path: string, watch: boolean, done: NativeDone<NativeStat | null>): number;
  aw_exists(path: string, watcher: NativeWatcher, done: NativeDone<NativeStat | null>): number;
  a_get(path: string, watch: boolean, done: NativeDone2<NativeStat | null, Buffer | null>): number;
  aw_get(path: string, watcher: NativeWatcher, done: NativeDone2<NativeStat | null, Buffer | null>): number;
  a_get_children(path: string, watch: boolean, done: NativeDone<string[] | null>): number;
  aw_get_children(path: string, watcher: NativeWatcher, done: NativeDone<string[] | null>): number;
  a_set(path: string, data: Buffer, version: number, done: NativeDone<NativeStat | null>): number;
  a_delete_(path: string, version: number, done: NativeDone<undefined>): number;
  a_sync(path: string, done: NativeDone<string>): number;
  add_auth(scheme: string, auth: string, done: NativeDone<undefined>): number;
}

interface NativeConfig {
  connect: string;
  timeout: number;
  debug_level: number;
  response_counter_limit: number;
}

type NativeDone<T> = (rc: number, error: string, value: T) => void;
type NativeDone2<A, B> = (rc: number, error: string, first: A, second: B) => void;
export type NativeWatcher = (type: number, state: number, path: string) => void;

/** zxids are doubles (exact for 2^21 elections of ZooKeeper's leader), the session id is hexadecimal. */
export interface NativeStat {
  czxid: number;
  mzxid: number;
  pzxid: number;
  ctime: Date;
  mtime: Date;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: string;
  dataLength: number;
  numChildren: number;
}

export type NativeZooKeeperClass = new (config: NativeConfig) => NativeZooKeeper;

/** Loads the optional package. Throws as `loadForeignPackage` does. */
export function loadNativeZooKeeper(name = 'zookeeper'): NativeZooKeeperClass {
  const install = "'npm install zookeeper@7.3.0' (it wants make, a C++ compiler and Python 3)";
  return loadForeignPackage(name, install) as NativeZooKeeperClass;
}
