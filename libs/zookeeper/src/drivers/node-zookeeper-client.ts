/**
 * Adapter to `node-zookeeper-client` 1.1.3 (pure JavaScript), for reading and as an independent oracle.
 *
 * Mended here: versions of 0 in transactions · unknown error codes end the process · calls that are never answered
 * after expiry · calls that overtake credentials and watches after a reconnect · closing without a connection throws.
 * Not mended, so no scheduler or worker may use it: a partition is never noticed · a reply cut in the middle, and a
 * server that accepts and stays mute, hang it for ever · incoming traffic alone lets the session expire · above 1 MB of
 * watched paths it never gets through a reconnect · RangeError after 2^31 requests.
 */
import type {
  Acl,
  Capabilities,
  CreateMode,
  CreateOptions,
  Created,
  Data,
  MultiResult,
  OneShotWatcher,
  Operation,
  Stat,
  Znode,
  ZooKeeperOptions,
} from '../port.js';
import { DEFAULT_SESSION_TIMEOUT_MS } from '../port.js';
import { EVENT_TYPES, OPEN_ACL, bufferOf } from './data.js';
import { DriverAdapter, type Answer } from './driver-adapter.js';
import {
  connectProblem,
  createProblem,
  credentialsProblem,
  deleteProblem,
  readProblem,
  setAclProblem,
  setProblem,
} from '../check-arguments.js';
import { badOperations } from '../client/arguments.js';
import { badArguments, refuseLargeRequest, unsupported, type Call } from './driver-errors.js';
import {
  loadNodeZooKeeperClient,
  type JuteStat,
  type NodeWatcher,
  type NodeZooKeeperClient,
  type NodeZooKeeperModule,
  type Transaction,
} from './node-zookeeper-client-api.js';
import { multiError, resultOf, settle, statOf } from './node-zookeeper-client-replies.js';

const DRIVER = 'node-zookeeper-client';
const ANY_VERSION = -1;
const STATE_CLOSING = -1;
const STATE_CLOSED = -2;
const OP_AUTH = 100;
const OP_SET_WATCHES = 101;
/** A session that is just being made is closed rather than left to expire. */
const CONNECT_DEADLINE_MS = 500;
const CLOSE_DEADLINE_MS = 2_000;
const MODES: Partial<Record<CreateMode, number>> = {
  persistent: 0,
  ephemeral: 1,
  'persistent-sequential': 2,
  'ephemeral-sequential': 3,
};

let loaded: NodeZooKeeperModule | null = null;

/** Throws `ZooKeeperError` (`UNSUPPORTED`) for TLS, and `BAD_ARGUMENTS` for a connect string that it cannot read. */
export function connectNodeZooKeeperClient(options: ZooKeeperOptions): NodeZooKeeperClientDriver {
  const problem = connectProblem(options);
  if (problem !== null) throw badArguments({ op: 'connect' }, problem);
  if (options.tls !== undefined) throw unsupported(DRIVER, { op: 'connect' }, 'TLS');
  loaded ??= loadNodeZooKeeperClient();
  return new NodeZooKeeperClientDriver(loaded, options);
}

export class NodeZooKeeperClientDriver extends DriverAdapter {
  readonly driver = DRIVER;
  readonly capabilities: Capabilities = {
    multi: true,
    multiRead: false,
    addWatch: false,
    ttl: false,
    containers: false,
    sync: false,
    acl: true,
    tls: false,
    exactVersions: true,
    lease: false,
    introspection: false,
  };
  readonly #module: NodeZooKeeperModule;
  readonly #client: NodeZooKeeperClient;

  constructor(module: NodeZooKeeperModule, options: ZooKeeperOptions) {
    super(options.runtime);
    this.#module = module;
    this.#client = createClient(module, options);
    this.#client.on('state', ({ name }) => {
      this.#onState(name);
    });
    for (const { scheme, credentials } of options.auth ?? []) {
      this.#client.addAuthInfo(scheme, bufferOf(credentials));
    }
    this.#client.connect();
  }

  get sessionId(): bigint {
    return this.#client.getSessionId().readBigInt64BE();
  }

  get sessionTimeoutMs(): number {
    return this.#client.getSessionTimeout();
  }

  #onState(name: string): void {
    if (name === 'SYNC_CONNECTED') {
      // Credentials, then watches, go before the requests that waited for the connection.
      this.#client.connectionManager.packetQueue.queue.sort((a, b) => rank(a) - rank(b));
      this.session.connected();
    } else if (this.closing) return;
    else if (name === 'DISCONNECTED') this.session.disconnected();
    else if (name === 'EXPIRED') this.session.expired();
  }

  protected async disconnect(): Promise<void> {
    const manager = this.#client.connectionManager;
    if (this.session.final || manager.state === STATE_CLOSED) return;
    // `close` throws while there is no connection to write to.
    await this.session.whenConnected(this.#deadline(CONNECT_DEADLINE_MS)).catch(() => undefined);
    if (this.state !== 'connected') {
      manager.state = STATE_CLOSING;
      manager.socket?.destroy();
      return;
    }
    await new Promise<void>((resolve) => {
      const deadline = this.runtime.after(CLOSE_DEADLINE_MS, () => {
        manager.socket?.destroy();
        resolve();
      });
      manager.on('state', (state) => {
        if (state !== STATE_CLOSED) return;
        deadline.cancel();
        resolve();
      });
      this.#client.close();
    });
  }

  #deadline(delayMs: number): AbortSignal {
    const abort = new AbortController();
    this.runtime.after(delayMs, () => abort.abort());
    return abort.signal;
  }

  create(path: string, data?: Data, options: CreateOptions = {}): Promise<Created> {
    const call = { op: 'create', path };
    const problem = createProblem(path, data, options);
    if (problem !== null) return this.refused(call, problem);
    const bytes = bufferOf(data);
    return this.call<Created>(call, (answer) => {
      refuseLargeRequest(call, [{ path, data: bytes }]);
      const mode = this.#mode(call, options.mode);
      const acl = this.#acls(options.acl ?? OPEN_ACL);
      const done = settle(call, answer, (created: string) => ({ path: created, zxid: this.#zxid() }));
      this.#client.create(path, bytes, acl, mode, done);
    });
  }

  delete(path: string, version?: number): Promise<void> {
    const call = { op: 'delete', path };
    const problem = deleteProblem(path, version);
    if (problem !== null) return this.refused(call, problem);
    return this.call(call, (answer) => {
      this.#client.remove(
        path,
        version ?? ANY_VERSION,
        settle(call, answer, () => undefined),
      );
    });
  }

  set(path: string, data: Data, version?: number): Promise<Stat> {
    const call = { op: 'set', path };
    const problem = setProblem(path, data, version);
    if (problem !== null) return this.refused(call, problem);
    const bytes = bufferOf(data);
    return this.call<Stat>(call, (answer) => {
      refuseLargeRequest(call, [{ path, data: bytes }]);
      this.#client.setData(path, bytes, version ?? ANY_VERSION, settle(call, answer, statOf));
    });
  }

  exists(path: string, watcher?: OneShotWatcher): Promise<Stat | null> {
    const call = { op: 'exists', path };
    const problem = readProblem(path, watcher);
    if (problem !== null) return this.refused(call, problem);
    return this.#watched(call, watcher, (answer: Answer<Stat | null>, fire) => {
      this.#client.exists(
        path,
        fire,
        settle(call, answer, (stat: JuteStat | null) => (stat === null ? null : statOf(stat))),
      );
    });
  }

  get(path: string, watcher?: OneShotWatcher): Promise<Znode> {
    const call = { op: 'get', path };
    const problem = readProblem(path, watcher);
    if (problem !== null) return this.refused(call, problem);
    return this.#watched(call, watcher, (answer: Answer<Znode>, fire) => {
      this.#client.getData(path, fire, (error, data, stat) => {
        settle(call, answer, () => ({ data: data ?? Buffer.alloc(0), stat: statOf(stat) }))(error, undefined);
      });
    });
  }

  children(path: string, watcher?: OneShotWatcher): Promise<string[]> {
    const call = { op: 'children', path };
    const problem = readProblem(path, watcher);
    if (problem !== null) return this.refused(call, problem);
    return this.#watched(call, watcher, (answer: Answer<string[]>, fire) => {
      this.#client.getChildren(
        path,
        fire,
        settle(call, answer, (names: string[]) => names),
      );
    });
  }

  override multi(operations: readonly Operation[]): Promise<MultiResult> {
    const problem = badOperations('multi', operations);
    if (problem !== null) return Promise.reject(problem);
    const call = { op: 'multi' };
    return this.call<MultiResult>(call, (answer) => {
      refuseLargeRequest(call, operations.map(sizeOf));
      const transaction = this.#client.transaction();
      for (const operation of operations) this.#add(transaction, operation);
      transaction.commit((error, results = []) => {
        if (error) answer.reject(multiError(error, results, operations));
        else
          answer.resolve({ zxid: this.#zxid(), results: results.map((result, i) => resultOf(result, operations[i])) });
      });
    });
  }

  acl(path: string): Promise<{ acl: Acl[]; stat: Stat }> {
    const call = { op: 'acl', path };
    return this.call<{ acl: Acl[]; stat: Stat }>(call, (answer) => {
      this.#client.getACL(path, (error, acls, stat) => {
        const value = (): { acl: Acl[]; stat: Stat } => ({
          acl: acls.map(({ permission, id }) => ({ permissions: permission, scheme: id.scheme, id: id.id })),
          stat: statOf(stat),
        });
        settle(call, answer, value)(error, undefined);
      });
    });
  }

  setAcl(path: string, acl: readonly Acl[], version?: number): Promise<Stat> {
    const call = { op: 'setAcl', path };
    const problem = setAclProblem(path, acl, version);
    if (problem !== null) return this.refused(call, problem);
    return this.call<Stat>(call, (answer) => {
      this.#client.setACL(path, this.#acls(acl), version ?? ANY_VERSION, settle(call, answer, statOf));
    });
  }

  /** The client does not tell whether the server accepted: a read behind it does, since a refusal ends the session. */
  async authenticate(scheme: string, credentials: Data): Promise<void> {
    const call = { op: 'authenticate' };
    const problem = credentialsProblem(scheme, credentials);
    if (problem !== null) throw badArguments(call, problem);
    await this.call(call, (answer) => {
      this.#client.addAuthInfo(scheme, bufferOf(credentials));
      this.#client.exists(
        '/',
        undefined,
        settle(call, answer, () => undefined),
      );
    });
  }

  #watched<T>(
    call: Call,
    watcher: OneShotWatcher | undefined,
    start: (answer: Answer<T>, fire: NodeWatcher | undefined) => void,
  ): Promise<T> {
    if (watcher === undefined) {
      return this.call<T>(call, (answer) => {
        start(answer, undefined);
      });
    }
    const { fire, drop } = this.oneShot(watcher);
    const onEvent: NodeWatcher = ({ type, path }) => {
      const name = EVENT_TYPES[type];
      fire(name === undefined ? null : { type: name, path });
    };
    const answered = this.call<T>(call, (answer) => {
      start(answer, onEvent);
    });
    // The watch is set only with an answer.
    answered.catch(drop);
    return answered;
  }

  #add(transaction: Transaction, operation: Operation): void {
    const { path } = operation;
    if (operation.op === 'create') {
      const mode = this.#mode({ op: 'multi', path }, operation.mode);
      transaction.create(path, bufferOf(operation.data), this.#acls(operation.acl ?? OPEN_ACL), mode);
      return;
    }
    if (operation.op === 'set') transaction.setData(path, bufferOf(operation.data));
    else if (operation.op === 'delete') transaction.remove(path);
    else transaction.check(path);
    // Set here because the package takes a version of 0 for "any".
    const entry = transaction.ops.at(-1);
    const { version = ANY_VERSION } = operation;
    if (entry !== undefined) entry.version = version === 'any' ? ANY_VERSION : version;
  }

  #mode(call: Call, mode: CreateMode = 'persistent'): number {
    const flags = MODES[mode];
    if (flags === undefined) throw unsupported(DRIVER, call, `mode '${mode}'`);
    return flags;
  }

  #acls(acl: readonly Acl[]): unknown[] {
    return acl.map(({ permissions, scheme, id }) => new this.#module.ACL(permissions, new this.#module.Id(scheme, id)));
  }

  /** The zxid of the reply whose callback runs now; only valid within it. */
  #zxid(): bigint {
    return this.#client.connectionManager.zxid.readBigInt64BE();
  }
}

function createClient(module: NodeZooKeeperModule, options: ZooKeeperOptions): NodeZooKeeperClient {
  const { connect, sessionTimeoutMs: sessionTimeout = DEFAULT_SESSION_TIMEOUT_MS } = options;
  try {
    return module.createClient(connect, { sessionTimeout, spinDelay: 300, retries: 0 });
  } catch (error) {
    throw badArguments({ op: 'connect' }, error);
  }
}

function rank({ request }: { request: { header: { type: number } | null } }): number {
  if (request.header?.type === OP_AUTH) return 0;
  return request.header?.type === OP_SET_WATCHES ? 1 : 2;
}

function sizeOf(operation: Operation): { path: string; data?: Uint8Array } {
  return 'data' in operation ? { path: operation.path, data: bufferOf(operation.data) } : { path: operation.path };
}
