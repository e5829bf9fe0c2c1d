/**
 * The port: what Drover asks of a ZooKeeper client. Three drivers implement it (our own protocol client, an adapter to
 * `node-zookeeper-client`, an adapter to `zookeeper`), and one conformance suite runs over all of them.
 *
 * Paths are absolute and relative to the chroot of the connect string; what comes back has the chroot removed.
 * Every method rejects with `ZooKeeperError`. Requests of one handle are sent and answered in the order of the calls.
 */
import type { Runtime } from '@drover/runtime';
import type { ZooKeeperError } from './errors.js';

/**
 * connecting: no session yet · connected · suspended: the connection or the lease is in doubt, the session may live on
 * · expired: the server said that the session is gone (final) · closed: by `close()` (final).
 */
export type SessionState = 'connecting' | 'connected' | 'suspended' | 'expired' | 'closed';

export type CreateMode =
  | 'persistent'
  | 'ephemeral'
  | 'persistent-sequential'
  | 'ephemeral-sequential'
  | 'container'
  | 'persistent-ttl'
  | 'persistent-sequential-ttl';

export type Data = string | Uint8Array;

/**
 * `zxid`s and session ids are 64 bits wide, hence `bigint`; times are milliseconds since 1970 by the server's clock.
 */
export interface Stat {
  czxid: bigint;
  mzxid: bigint;
  pzxid: bigint;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: bigint;
  dataLength: number;
  numChildren: number;
}

export interface Acl {
  /** Bits: 1 read, 2 write, 4 create, 8 delete, 16 admin. */
  permissions: number;
  scheme: string;
  id: string;
}

export interface Znode {
  data: Buffer;
  stat: Stat;
}

export interface Created {
  /** The path, with the sequence number if the mode has one. */
  path: string;
  /** The transaction that created it: the znode's `czxid`. */
  zxid: bigint;
}

export interface CreateOptions {
  /** Default `persistent`. */
  mode?: CreateMode;
  /** Only with a TTL mode. */
  ttlMs?: number;
  /** Default: the world may do anything. */
  acl?: readonly Acl[];
}

/**
 * `version` is compared as given, 0 included; leave it out to accept any. A check must say what it wants, so that a
 * forgotten version never voids a fence: `any` checks that the znode exists.
 */
export type Operation =
  | ({ op: 'create'; path: string; data?: Data } & CreateOptions)
  | { op: 'set'; path: string; data: Data; version?: number }
  | { op: 'delete'; path: string; version?: number }
  | { op: 'check'; path: string; version: number | 'any' };

export interface MultiResult {
  /** The transaction's zxid: the `czxid` of every znode it created. */
  zxid: bigint;
  results: ({ op: 'create'; path: string } | { op: 'set'; stat: Stat } | { op: 'delete' } | { op: 'check' })[];
}

export type ReadOperation = { op: 'get'; path: string } | { op: 'children'; path: string };
/** One entry per operation; one that failed (`NO_NODE`) does not fail the others. */
export type ReadResult =
  { op: 'get'; znode: Znode } | { op: 'children'; children: string[] } | { op: 'error'; error: ZooKeeperError };

export type WatchEventType = 'created' | 'deleted' | 'changed' | 'children';
export interface WatchEvent {
  type: WatchEventType;
  path: string;
}
/**
 * The callback of a one-shot watch. Called once; with `null` when the session ended or the server dropped the watch.
 */
export type OneShotWatcher = (event: WatchEvent | null) => void;

/**
 * persistent: changes of the znode itself and of its list of children · recursive: creations, deletions and data
 * changes of it and of everything below it (never `children` events).
 */
export type WatchMode = 'persistent' | 'recursive';

export interface Watcher {
  event(event: WatchEvent): void;
  /**
   * The watch was set again after a reconnect. Changes in the meantime are not replayed: list again. It is called after
   * the server has set the watch, so that a listing from here on cannot miss a change.
   */
  reset(): void;
}
export interface WatchHandle {
  /** No call of the watcher follows. Other watchers of the same path keep theirs. */
  close(): Promise<void>;
}

export interface Capabilities {
  multi: boolean;
  multiRead: boolean;
  /** Persistent and recursive watches. */
  addWatch: boolean;
  ttl: boolean;
  containers: boolean;
  sync: boolean;
  /** `acl`, `setAcl`, and ACLs on create. */
  acl: boolean;
  tls: boolean;
  /** `version: 0` is compared, not taken for "any". */
  exactVersions: boolean;
  /** Dead connections are noticed within the session timeout, and a lease says how long the session is surely ours. */
  lease: boolean;
  /** `ephemerals`, `countDescendants` and `whoAmI`. */
  introspection: boolean;
}

export interface ZooKeeper {
  readonly driver: string;
  readonly capabilities: Capabilities;
  readonly state: SessionState;
  /** 0n until the first connection. */
  readonly sessionId: bigint;
  /** The negotiated timeout; until the first connection the one that was asked for. */
  readonly sessionTimeoutMs: number;
  /** Why there is no connection, or was none before the present one, if the driver knows: for people to read. */
  readonly lastFailure?: Error | undefined;

  /**
   * How long, on the monotonic clock, the server cannot have expired this session: send time of the last answered
   * request or ping plus 2/3 of the session timeout, less now. At or below 0, and 0 without a session.
   */
  leaseMs(): number;
  /** Calls `listener` at every change of state, after the handle has changed. Returns a function that removes it. */
  onState(listener: (state: SessionState) => void): () => void;
  /** Resolves when connected (at once if it is); rejects when expired, closed, or with the signal's reason. */
  connected(signal?: AbortSignal): Promise<void>;
  /** Ends the session on the server (its ephemerals go at once) and the connection. Never rejects. */
  close(): Promise<void>;

  create(path: string, data?: Data, options?: CreateOptions): Promise<Created>;
  delete(path: string, version?: number): Promise<void>;
  set(path: string, data: Data, version?: number): Promise<Stat>;
  /** `null`: there is no such znode. */
  exists(path: string, watcher?: OneShotWatcher): Promise<Stat | null>;
  get(path: string, watcher?: OneShotWatcher): Promise<Znode>;
  children(path: string, watcher?: OneShotWatcher): Promise<string[]>;
  /** Brings the server this handle is connected to up to date with ZooKeeper's leader. */
  sync(path?: string): Promise<void>;
  /** Does all operations or none. Rejects with the failed operation's code, path and `failedIndex`. */
  multi(operations: readonly Operation[]): Promise<MultiResult>;
  multiRead(operations: readonly ReadOperation[]): Promise<ReadResult[]>;
  watch(path: string, mode: WatchMode, watcher: Watcher): Promise<WatchHandle>;
  /** Paths of the ephemerals of this session that begin with `prefix`. */
  ephemerals(prefix?: string): Promise<string[]>;
  /** The number of znodes below `path`, at any depth. */
  countDescendants(path: string): Promise<number>;
  acl(path: string): Promise<{ acl: Acl[]; stat: Stat }>;
  setAcl(path: string, acl: readonly Acl[], version?: number): Promise<Stat>;
  /** Adds credentials to this and every later connection of the handle. */
  authenticate(scheme: string, credentials: Data): Promise<void>;
  whoAmI(): Promise<{ scheme: string; id: string }[]>;
}

export interface TlsOptions {
  /** PEM. Node's defaults where left out. */
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  /** Default true. */
  rejectUnauthorized?: boolean;
  /** Default: the host of the connect string. */
  servername?: string;
}

/**
 * Called for every attempt to connect, so that files which were replaced meanwhile count. An error that it throws fails
 * that attempt.
 */
export type TlsSource = TlsOptions | (() => TlsOptions);

/** The session timeout if none is given. */
export const DEFAULT_SESSION_TIMEOUT_MS = 6_000;

export interface ZooKeeperOptions {
  /** `host:port[,host:port...][/chroot]`; IPv6 literals in brackets. */
  connect: string;
  /** Asked for; the server may grant another. Default: `DEFAULT_SESSION_TIMEOUT_MS`. */
  sessionTimeoutMs?: number;
  tls?: TlsSource;
  auth?: readonly { scheme: string; credentials: Data }[];
  runtime: Runtime;
}

/** Builds a handle of the driver; it begins to connect at once and goes on trying until closed. */
export type ZooKeeperFactory = (options: ZooKeeperOptions) => ZooKeeper;
