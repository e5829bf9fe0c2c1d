/**
 * Adapter to `zookeeper` 7.3.0 (Apache's C client), for reading and as an independent oracle.
 *
 * Mended here: replies in many pieces made it close its own session · watchers heard of connections.
 * Not mended: no multi, so no fence and no scheduler or worker may use it · a read of an ACL that fails crashes the
 * process, so ACLs are left alone · its memory of a watch is never freed · `close` may block the event loop for 1.5 s,
 * and resolves when the end of the session was sent, not when the server has done it.
 */
import type {
  Acl,
  Capabilities,
  CreateMode,
  CreateOptions,
  Created,
  Data,
  OneShotWatcher,
  Stat,
  Znode,
  ZooKeeperOptions,
} from '../port.js';
import { DEFAULT_SESSION_TIMEOUT_MS } from '../port.js';
import { EVENT_TYPES, bufferOf, isOpenAcl } from './data.js';
import { DriverAdapter, type Answer } from './driver-adapter.js';
import {
  connectProblem,
  createProblem,
  credentialsProblem,
  deleteProblem,
  readProblem,
  setProblem,
} from '../check-arguments.js';
import { badArguments, refuseLargeRequest, serverError, unsupported, type Call } from './driver-errors.js';
import {
  loadNativeZooKeeper,
  type NativeStat,
  type NativeWatcher,
  type NativeZooKeeper,
  type NativeZooKeeperClass,
} from './native-zookeeper-api.js';

const DRIVER = 'zookeeper';
const OK = 0;
const NO_NODE = -101;
const ANY_VERSION = -1;
const SESSION_EXPIRED = -112;
/** Error codes that only the C client has. */
const INVALID_STATE = -9;
const CLOSING = -116;
const MODES: Record<CreateMode, number> = {
  persistent: 0,
  ephemeral: 1,
  'persistent-sequential': 2,
  'ephemeral-sequential': 3,
  container: 4,
  'persistent-ttl': 5,
  'persistent-sequential-ttl': 6,
};

/** Throws `ZooKeeperError`: `UNSUPPORTED` where the package is absent, and for TLS; `BAD_ARGUMENTS`. */
export function connectNativeZooKeeper(options: ZooKeeperOptions): NativeZooKeeperDriver {
  const problem = connectProblem(options);
  if (problem !== null) throw badArguments({ op: 'connect' }, problem);
  if (options.tls !== undefined) throw unsupported(DRIVER, { op: 'connect' }, 'TLS');
  return new NativeZooKeeperDriver(loadNativeZooKeeper(), options);
}

export class NativeZooKeeperDriver extends DriverAdapter {
  readonly driver = DRIVER;
  readonly capabilities: Capabilities = {
    multi: false,
    multiRead: false,
    addWatch: false,
    ttl: true,
    containers: true,
    sync: true,
    acl: false,
    tls: false,
    exactVersions: true,
    lease: false,
    introspection: false,
  };
  readonly #zk: NativeZooKeeper;
  readonly #askedTimeoutMs: number;

  constructor(nativeClass: NativeZooKeeperClass, options: ZooKeeperOptions) {
    super(options.runtime);
    this.#askedTimeoutMs = options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS;
    const config = {
      connect: options.connect,
      timeout: this.#askedTimeoutMs,
      debug_level: 0,
      response_counter_limit: 2 ** 31 - 1,
    };
    this.#zk = new nativeClass(config);
    this.#listen();
    this.#zk.init(config);
    // It does not throw when it cannot read the connect string; it has no handle then.
    if (this.#zk.timeout < 0) throw badArguments({ op: 'connect' }, `connect string '${options.connect}'`);
    for (const { scheme, credentials } of options.auth ?? []) {
      // A refusal closes the session, of which all callers are told.
      this.authenticate(scheme, credentials).catch(() => undefined);
    }
  }

  get sessionId(): bigint {
    return sessionIdOf(this.#zk.client_id);
  }

  get sessionTimeoutMs(): number {
    const negotiated = this.#zk.timeout;
    return negotiated > 0 ? negotiated : this.#askedTimeoutMs;
  }

  #listen(): void {
    this.#zk.on('connect', () => {
      this.session.connected();
    });
    this.#zk.on('connecting', () => {
      this.session.disconnected();
    });
    this.#zk.on('close', (_zk, code) => {
      if (code === SESSION_EXPIRED) this.session.expired();
      else this.session.closed();
    });
  }

  protected disconnect(): Promise<void> {
    if (!this.session.final) this.#zk.close();
    return Promise.resolve();
  }

  async create(path: string, data?: Data, options: CreateOptions = {}): Promise<Created> {
    const call = { op: 'create', path };
    const problem = createProblem(path, data, options);
    if (problem !== null) return this.refused(call, problem);
    if (!isOpenAcl(options.acl)) return this.lacks(call, 'ACL on create');
    const bytes = bufferOf(data);
    refuseLargeRequest(call, [{ path, data: bytes }]);
    const created = await this.#ask<string>(call, (done) => {
      const { mode = 'persistent', ttlMs } = options;
      const settle = (rc: number, _error: string, actual: string): void => {
        done(rc, actual);
      };
      if (ttlMs !== undefined) return this.#zk.a_createTtl(path, bytes, MODES[mode], ttlMs, settle);
      return this.#zk.a_create(path, bytes, MODES[mode], settle);
    });
    return { path: created, zxid: await this.#creationZxid(created) };
  }

  delete(path: string, version?: number): Promise<void> {
    const call = { op: 'delete', path };
    const problem = deleteProblem(path, version);
    if (problem !== null) return this.refused(call, problem);
    return this.#ask(call, (done) =>
      this.#zk.a_delete_(path, version ?? ANY_VERSION, (rc) => {
        done(rc, undefined);
      }),
    );
  }

  async set(path: string, data: Data, version?: number): Promise<Stat> {
    const call = { op: 'set', path };
    const problem = setProblem(path, data, version);
    if (problem !== null) return this.refused(call, problem);
    const bytes = bufferOf(data);
    refuseLargeRequest(call, [{ path, data: bytes }]);
    return this.#ask<Stat>(call, (done) =>
      this.#zk.a_set(path, bytes, version ?? ANY_VERSION, (rc, _error, stat) => {
        done(rc, stat && statOf(stat));
      }),
    );
  }

  exists(path: string, watcher?: OneShotWatcher): Promise<Stat | null> {
    const call = { op: 'exists', path };
    const problem = readProblem(path, watcher);
    if (problem !== null) return this.refused(call, problem);
    return this.#watched<Stat | null>(call, watcher, (answer, fire) => {
      const done = (rc: number, _error: string, stat: NativeStat | null): void => {
        if (rc === NO_NODE) answer.resolve(null);
        else this.#settle(call, answer, rc, stat && statOf(stat));
      };
      return fire === undefined ? this.#zk.a_exists(path, false, done) : this.#zk.aw_exists(path, fire, done);
    });
  }

  get(path: string, watcher?: OneShotWatcher): Promise<Znode> {
    const call = { op: 'get', path };
    const problem = readProblem(path, watcher);
    if (problem !== null) return this.refused(call, problem);
    return this.#watched<Znode>(call, watcher, (answer, fire) => {
      const done = (rc: number, _error: string, stat: NativeStat | null, data: Buffer | null): void => {
        this.#settle(call, answer, rc, stat && { data: data ?? Buffer.alloc(0), stat: statOf(stat) });
      };
      return fire === undefined ? this.#zk.a_get(path, false, done) : this.#zk.aw_get(path, fire, done);
    });
  }

  children(path: string, watcher?: OneShotWatcher): Promise<string[]> {
    const call = { op: 'children', path };
    const problem = readProblem(path, watcher);
    if (problem !== null) return this.refused(call, problem);
    return this.#watched<string[]>(call, watcher, (answer, fire) => {
      const done = (rc: number, _error: string, names: string[] | null): void => {
        this.#settle(call, answer, rc, names ?? []);
      };
      return fire === undefined
        ? this.#zk.a_get_children(path, false, done)
        : this.#zk.aw_get_children(path, fire, done);
    });
  }

  override sync(path = '/'): Promise<void> {
    return this.#ask({ op: 'sync', path }, (done) =>
      this.#zk.a_sync(path, (rc) => {
        done(rc, undefined);
      }),
    );
  }

  /** The package has the call, and crashes the process when it fails. */
  acl(path: string): Promise<{ acl: Acl[]; stat: Stat }> {
    return this.lacks({ op: 'acl', path });
  }

  setAcl(path: string, _acl: readonly Acl[], _version?: number): Promise<Stat> {
    return this.lacks({ op: 'setAcl', path });
  }

  authenticate(scheme: string, credentials: Data): Promise<void> {
    const call = { op: 'authenticate' };
    const problem = credentialsProblem(scheme, credentials);
    if (problem !== null) return this.refused(call, problem);
    return this.#ask(call, (done) =>
      this.#zk.add_auth(scheme, bufferOf(credentials).toString(), (rc) => {
        done(rc, undefined);
      }),
    );
  }

  /** The answer to a create carries no zxid. 0n when the znode is gone already. */
  async #creationZxid(path: string): Promise<bigint> {
    return (await this.exists(path))?.czxid ?? 0n;
  }

  #ask<T>(call: Call, start: (done: (rc: number, value: T | null) => void) => number): Promise<T> {
    return this.call<T>(call, (answer) => {
      this.#refused(
        call,
        answer,
        start((rc, value) => {
          this.#settle(call, answer, rc, value);
        }),
      );
    });
  }

  #watched<T>(
    call: Call,
    watcher: OneShotWatcher | undefined,
    start: (answer: Answer<T>, fire: NativeWatcher | undefined) => number,
  ): Promise<T> {
    const shot = watcher === undefined ? undefined : this.oneShot(watcher);
    const onEvent: NativeWatcher = (type, _state, path) => {
      const name = EVENT_TYPES[type];
      // Watchers hear of connections too (type -1): not an event of the znode.
      if (name !== undefined) shot?.fire({ type: name, path });
    };
    const answered = this.call<T>(call, (answer) => {
      this.#refused(call, answer, start(answer, shot === undefined ? undefined : onEvent));
    });
    answered.catch(() => shot?.drop());
    return answered;
  }

  /** A call that was refused here gets no answer. */
  #refused<T>(call: Call, answer: Answer<T>, rc: number): void {
    if (rc === INVALID_STATE) answer.reject(serverError(SESSION_EXPIRED, call));
    else if (rc !== OK) answer.reject(serverError(rc, call));
  }

  #settle<T>(call: Call, answer: Answer<T>, rc: number, value: T | null): void {
    // The end of the session settles every call that is still open, and says why.
    if (rc === CLOSING) return;
    if (rc === OK) answer.resolve(value as T);
    else answer.reject(serverError(rc, call));
  }
}

const sessionIdOf = (hexadecimal: string): bigint => BigInt.asIntN(64, BigInt(`0x${hexadecimal}`));

function statOf(stat: NativeStat): Stat {
  return {
    czxid: BigInt(stat.czxid),
    mzxid: BigInt(stat.mzxid),
    pzxid: BigInt(stat.pzxid),
    ctime: stat.ctime.getTime(),
    mtime: stat.mtime.getTime(),
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: sessionIdOf(stat.ephemeralOwner),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  };
}
