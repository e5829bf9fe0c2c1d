import type {
  Acl,
  Capabilities,
  CreateOptions,
  Created,
  Data,
  MultiResult,
  OneShotWatcher,
  Operation,
  ReadOperation,
  ReadResult,
  SessionState,
  Stat,
  WatchHandle,
  WatchMode,
  Watcher,
  Znode,
  ZooKeeper,
  ZooKeeperFactory,
  ZooKeeperOptions,
} from '../port.js';
import { DEFAULT_SESSION_TIMEOUT_MS } from '../port.js';
import {
  connectProblem,
  createProblem,
  credentialsProblem,
  deleteProblem,
  prefixProblem,
  readProblem,
  setAclProblem,
  setProblem,
  watchProblem,
  type Problem,
} from '../check-arguments.js';
import { needNotSucceed } from '../errors.js';
import { badArguments, badOperations } from './arguments.js';
import { CallerErrors } from './caller-errors.js';
import { socketTransport, type Transport } from './connection.js';
import { Connector, systemResolve, type Resolve } from './connector.js';
import { Credentials } from './credentials.js';
import { parseConnectString } from './hosts.js';
import { MULTI, MULTI_READ } from './multi.js';
import {
  ADD_WATCH,
  CHILDREN,
  COUNT_DESCENDANTS,
  createTypeFor,
  DELETE,
  EPHEMERALS,
  EXISTS,
  GET,
  GET_ACL,
  REMOVE_WATCHES,
  SET,
  SET_ACL,
  SYNC,
  WHO_AM_I,
} from './operations.js';
import { Chroot, pathProblem } from './paths.js';
import { DEFAULT_WINDOW, Pipeline, type Window } from './pipeline.js';
import type { OneShotKind, RequestType } from './request.js';
import { Session } from './session.js';
import { Watches, type WatchEntry } from './watches.js';

const CAPABILITIES: Capabilities = {
  multi: true,
  multiRead: true,
  addWatch: true,
  ttl: true,
  containers: true,
  sync: true,
  acl: true,
  tls: true,
  exactVersions: true,
  introspection: true,
  lease: true,
};

/** The options of this driver alone; the defaults are for production. */
export interface ProtocolClientOptions extends ZooKeeperOptions {
  /** Goes on with a session that another handle made: its `sessionId` and `sessionPassword`. */
  resume?: { sessionId: bigint; password: Uint8Array };
  /** The most requests and bytes in flight; further requests wait here, in order. Default 1,000 requests and 4 MiB. */
  window?: Partial<Window>;
  /** Addresses of a name. Default: the system's resolver. */
  resolve?: Resolve;
  /** The transport. Default: TCP or TLS sockets. */
  transport?: Transport;
  /** The transaction id of the first request, 1 to 2^31 - 1. Default 1. */
  firstXid?: number;
  /** Called with the error that a watcher or listener throws. Default: a warning of the process. */
  onCallerError?: (error: unknown) => void;
}

const OWN_OPTIONS: readonly (keyof ProtocolClientOptions)[] = [
  'resume',
  'window',
  'resolve',
  'transport',
  'firstXid',
  'onCallerError',
];

interface Versioned {
  path: string;
  version: number | undefined;
}

/**
 * A ZooKeeper client that speaks the protocol itself. The library's README says what it guarantees in each state. Use
 * `connectZooKeeper` if any driver will do.
 */
export class ProtocolClient implements ZooKeeper {
  readonly driver = 'drover';
  readonly capabilities = CAPABILITIES;
  readonly #chroot: Chroot;
  readonly #watches: Watches;
  readonly #session: Session;

  /** Begins to connect at once. Throws `ZooKeeperError` `BAD_ARGUMENTS` on a malformed connect string or timeout. */
  constructor(options: ProtocolClientOptions) {
    const problem = connectProblem(options, OWN_OPTIONS);
    if (problem !== null) throw badArguments('connect', undefined, problem);
    const { runtime, tls, auth = [], sessionTimeoutMs: timeoutMs = DEFAULT_SESSION_TIMEOUT_MS } = options;
    const { servers, chroot } = parseConnectString(options.connect);
    const callers = new CallerErrors(options.onCallerError);
    this.#chroot = new Chroot(chroot);
    this.#watches = new Watches(this.#chroot, callers);
    this.#session = new Session({
      runtime,
      connector: new Connector({
        servers,
        tls,
        runtime,
        resolve: options.resolve ?? systemResolve,
        transport: options.transport ?? socketTransport,
      }),
      pipeline: new Pipeline({ ...DEFAULT_WINDOW, ...options.window }, options.firstXid),
      credentials: new Credentials(auth),
      watches: this.#watches,
      callers,
      timeoutMs,
      resume: options.resume,
    });
  }

  get state(): SessionState {
    return this.#session.state;
  }

  get sessionId(): bigint {
    return this.#session.sessionId;
  }

  /** 16 bytes that let another handle go on with the session (`resume`); a secret. */
  get sessionPassword(): Buffer {
    return this.#session.password;
  }

  get sessionTimeoutMs(): number {
    return this.#session.timeoutMs;
  }

  /** Why there is no connection, or was none last: for people to read. */
  get lastFailure(): Error | undefined {
    return this.#session.lostBecause;
  }

  leaseMs(): number {
    return this.#session.leaseMs();
  }

  onState(listener: (state: SessionState) => void): () => void {
    if (typeof listener !== 'function') throw badArguments('onState', undefined, 'a listener must be a function');
    return this.#session.onState(listener);
  }

  connected(signal?: AbortSignal): Promise<void> {
    return this.#session.connected(signal);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  create(path: string, data: Data = '', options: CreateOptions = {}): Promise<Created> {
    const problem = createProblem(path, data, options);
    if (problem !== null) return Promise.reject(badArguments('create', path, problem));
    const { mode = 'persistent', acl, ttlMs } = options;
    const server = this.#chroot.toServer(path);
    const args = { path: server, data, mode, acl, ttlMs: ttlMs ?? 0, chroot: this.#chroot };
    return this.#call(createTypeFor(mode), args, path, server);
  }

  delete(path: string, version?: number): Promise<void> {
    return this.#versioned(DELETE, path, { path: '', version }, deleteProblem(path, version));
  }

  set(path: string, data: Data, version?: number): Promise<Stat> {
    return this.#versioned(SET, path, { path: '', data, version }, setProblem(path, data, version));
  }

  exists(path: string, watcher?: OneShotWatcher): Promise<Stat | null> {
    return this.#read(EXISTS, path, 'exists', watcher);
  }

  get(path: string, watcher?: OneShotWatcher): Promise<Znode> {
    return this.#read(GET, path, 'data', watcher);
  }

  children(path: string, watcher?: OneShotWatcher): Promise<string[]> {
    return this.#read(CHILDREN, path, 'children', watcher);
  }

  sync(path = '/'): Promise<void> {
    return this.#ofPath(SYNC, path);
  }

  multi(operations: readonly Operation[]): Promise<MultiResult> {
    const problem = badOperations('multi', operations);
    if (problem !== null) return Promise.reject(problem);
    return this.#call(MULTI, { operations, chroot: this.#chroot }, undefined, undefined);
  }

  multiRead(operations: readonly ReadOperation[]): Promise<ReadResult[]> {
    const problem = badOperations('multiRead', operations);
    if (problem !== null) return Promise.reject(problem);
    return this.#call(MULTI_READ, { operations, chroot: this.#chroot }, undefined, undefined);
  }

  async watch(path: string, mode: WatchMode, watcher: Watcher): Promise<WatchHandle> {
    const problem = watchProblem(path, mode, watcher);
    if (problem !== null) throw badArguments('watch', path, problem);
    const server = this.#chroot.toServer(path);
    const asked = this.#watches.begin(server, mode);
    try {
      await this.#call(ADD_WATCH, { path: server, mode: asked }, path, server);
    } catch (error) {
      this.#watches.notAdded(server, mode);
      throw error;
    }
    const entry = this.#watches.added(server, mode, watcher);
    return { close: () => this.#unwatch(entry) };
  }

  ephemerals(prefix = '/'): Promise<string[]> {
    const problem = prefixProblem(prefix);
    if (problem !== null) return Promise.reject(badArguments('ephemerals', prefix, problem));
    const args = { prefix: this.#chroot.prefix + prefix, chroot: this.#chroot };
    return this.#call(EPHEMERALS, args, prefix, undefined);
  }

  countDescendants(path: string): Promise<number> {
    return this.#ofPath(COUNT_DESCENDANTS, path);
  }

  acl(path: string): Promise<{ acl: Acl[]; stat: Stat }> {
    return this.#ofPath(GET_ACL, path);
  }

  setAcl(path: string, acl: readonly Acl[], version?: number): Promise<Stat> {
    return this.#versioned(SET_ACL, path, { path: '', acl, version }, setAclProblem(path, acl, version));
  }

  authenticate(scheme: string, credentials: Data): Promise<void> {
    const problem = credentialsProblem(scheme, credentials);
    if (problem !== null) return Promise.reject(badArguments('authenticate', undefined, problem));
    return this.#session.authenticate(scheme, credentials);
  }

  whoAmI(): Promise<{ scheme: string; id: string }[]> {
    return this.#call(WHO_AM_I, null, undefined, undefined);
  }

  #call<Args, Result>(
    type: RequestType<Args, Result>,
    args: Args,
    path: string | undefined,
    serverPath: string | undefined,
    watcher?: OneShotWatcher,
  ): Promise<Result> {
    return this.#session.call({ type, args, path, serverPath, watcher });
  }

  #ofPath<Result>(type: RequestType<{ path: string }, Result>, path: string): Promise<Result> {
    const problem = pathProblem(path);
    if (problem !== null) return Promise.reject(badArguments(type.name, path, problem));
    const server = this.#chroot.toServer(path);
    return this.#call(type, { path: server }, path, server);
  }

  #versioned<Args extends Versioned, Result>(
    type: RequestType<Args, Result>,
    path: string,
    args: Args,
    problem: Problem,
  ): Promise<Result> {
    if (problem !== null) return Promise.reject(badArguments(type.name, path, problem));
    args.path = this.#chroot.toServer(path);
    return this.#call(type, args, path, args.path);
  }

  #read<Result>(
    type: RequestType<{ path: string; watch: boolean }, Result>,
    path: string,
    kind: OneShotKind,
    watcher: OneShotWatcher | undefined,
  ): Promise<Result> {
    const problem = readProblem(path, watcher);
    if (problem !== null) return Promise.reject(badArguments(type.name, path, problem));
    const server = this.#chroot.toServer(path);
    const watch = watcher !== undefined && this.#watches.needsServer(kind, server);
    return this.#call(type, { path: server, watch }, path, server, watcher);
  }

  /**
   * Removes the server's watch with its last watcher. If the connection is lost meanwhile, it is just not set again.
   */
  async #unwatch(entry: WatchEntry): Promise<void> {
    const next = this.#watches.remove(entry);
    if (next === 'nothing' || this.state !== 'connected') return;
    const { path } = entry;
    const told =
      next === 'remove'
        ? this.#call(REMOVE_WATCHES, { path }, undefined, path)
        : this.#call(ADD_WATCH, { path, mode: 'persistent' }, undefined, path);
    await told.catch(needNotSucceed);
  }
}

/** The factory of this driver; its handles are `ProtocolClient`s. */
export const connectZooKeeper: ZooKeeperFactory = (options) => new ProtocolClient(options);
