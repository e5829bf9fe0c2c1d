import { loadForeignPackage } from './foreign-package.js';

/** The part of `node-zookeeper-client` 1.1.3 that the adapter uses; the package has no types of its own. */
export interface NodeZooKeeperClient {
  readonly connectionManager: ConnectionManager;
  connect(): void;
  close(): void;
  getSessionId(): Buffer;
  getSessionTimeout(): number;
  on(event: 'state', listener: (state: { name: string }) => void): void;
  addAuthInfo(scheme: string, auth: Buffer): void;
  create(path: string, data: Buffer, acls: unknown[], mode: number, done: Done<string>): void;
  remove(path: string, version: number, done: Done): void;
  setData(path: string, data: Buffer, version: number, done: Done<JuteStat>): void;
  exists(path: string, watcher: NodeWatcher | undefined, done: Done<JuteStat | null>): void;
  getData(path: string, watcher: NodeWatcher | undefined, done: Done2<Buffer | undefined, JuteStat>): void;
  getChildren(path: string, watcher: NodeWatcher | undefined, done: Done2<string[], JuteStat>): void;
  getACL(path: string, done: Done2<JuteAcl[], JuteStat>): void;
  setACL(path: string, acls: unknown[], version: number, done: Done<JuteStat>): void;
  transaction(): Transaction;
}

/** Private to the package, and the only way to the zxid of a reply and to the end of a connection. */
interface ConnectionManager {
  /** The zxid of the reply that is being delivered. */
  readonly zxid: Buffer;
  state: number;
  readonly socket?: { destroy(): void };
  readonly packetQueue: { queue: { request: { header: { type: number } | null } }[] };
  on(event: 'state', listener: (state: number) => void): void;
}

export interface Transaction {
  /** The operations to send: one entry for each. */
  readonly ops: { version?: number }[];
  create(path: string, data: Buffer, acls: unknown[], mode: number): void;
  setData(path: string, data: Buffer): void;
  remove(path: string): void;
  check(path: string): void;
  commit(done: (error: NodeException | null, results?: TransactionResult[]) => void): void;
}

export interface TransactionResult {
  type: number;
  path?: string;
  stat?: JuteStat;
  err?: number;
}

export type Done<T = void> = (error: NodeException | null | undefined, value: T) => void;
type Done2<A, B> = (error: NodeException | null | undefined, first: A, second: B) => void;
export type NodeWatcher = (event: { type: number; path: string }) => void;

export interface NodeException extends Error {
  code: number;
}

/** 64-bit numbers are buffers of eight bytes. */
export interface JuteStat {
  czxid: Buffer;
  mzxid: Buffer;
  pzxid: Buffer;
  ctime: Buffer;
  mtime: Buffer;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: Buffer;
  dataLength: number;
  numChildren: number;
}

interface JuteAcl {
  permission: number;
  id: { scheme: string; id: string };
}

export interface NodeZooKeeperModule {
  createClient(
    connect: string,
    options: { sessionTimeout: number; spinDelay: number; retries: number },
  ): NodeZooKeeperClient;
  ACL: new (permission: number, id: unknown) => unknown;
  Id: new (scheme: string, id: string) => unknown;
  Exception: { create: (code: number, path?: string) => NodeException };
}

/**
 * Loads the optional package, and throws as `loadForeignPackage` does. Its `Exception.create` throws on codes that it
 * does not know, inside its socket handler, which ends the process: here they become exceptions like the others.
 */
export function loadNodeZooKeeperClient(name = 'node-zookeeper-client'): NodeZooKeeperModule {
  const module = loadForeignPackage(name, "'npm install node-zookeeper-client@1.1.3'") as NodeZooKeeperModule;
  const { create } = module.Exception;
  module.Exception.create = (code, path) => {
    try {
      return create(code, path);
    } catch {
      return Object.assign(new Error(`unknown code ${String(code)}`), { code, getCode: () => code });
    }
  };
  return module;
}
