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
} from '@drover/zookeeper';

/**
 * A handle that gives whatever it creates the ACL of the root, so that nobody else needs to know of ACLs: alone or in a
 * multi, persistent or ephemeral. A create that names an ACL keeps it.
 */
export class OwnedHandle implements ZooKeeper {
  /** `undefined`: the world may do anything. */
  rootAcl: readonly Acl[] | undefined;
  readonly driver: string;
  readonly capabilities: Capabilities;
  readonly #zk: ZooKeeper;

  constructor(zk: ZooKeeper) {
    this.#zk = zk;
    this.driver = zk.driver;
    this.capabilities = zk.capabilities;
  }

  get state(): SessionState {
    return this.#zk.state;
  }
  get sessionId(): bigint {
    return this.#zk.sessionId;
  }
  get sessionTimeoutMs(): number {
    return this.#zk.sessionTimeoutMs;
  }
  get lastFailure(): Error | undefined {
    return this.#zk.lastFailure;
  }

  create(path: string, data?: Data, options?: CreateOptions): Promise<Created> {
    const acl = this.rootAcl;
    return this.#zk.create(path, data, acl === undefined ? options : { acl, ...options });
  }
  multi(operations: readonly Operation[]): Promise<MultiResult> {
    const acl = this.rootAcl;
    if (acl === undefined) return this.#zk.multi(operations);
    return this.#zk.multi(
      operations.map((operation) => (operation.op === 'create' ? { acl, ...operation } : operation)),
    );
  }

  leaseMs(): number {
    return this.#zk.leaseMs();
  }
  onState(listener: (state: SessionState) => void): () => void {
    return this.#zk.onState(listener);
  }
  connected(signal?: AbortSignal): Promise<void> {
    return this.#zk.connected(signal);
  }
  close(): Promise<void> {
    return this.#zk.close();
  }
  delete(path: string, version?: number): Promise<void> {
    return this.#zk.delete(path, version);
  }
  set(path: string, data: Data, version?: number): Promise<Stat> {
    return this.#zk.set(path, data, version);
  }
  exists(path: string, watcher?: OneShotWatcher): Promise<Stat | null> {
    return this.#zk.exists(path, watcher);
  }
  get(path: string, watcher?: OneShotWatcher): Promise<Znode> {
    return this.#zk.get(path, watcher);
  }
  children(path: string, watcher?: OneShotWatcher): Promise<string[]> {
    return this.#zk.children(path, watcher);
  }
  sync(path?: string): Promise<void> {
    return this.#zk.sync(path);
  }
  multiRead(operations: readonly ReadOperation[]): Promise<ReadResult[]> {
    return this.#zk.multiRead(operations);
  }
  watch(path: string, mode: WatchMode, watcher: Watcher): Promise<WatchHandle> {
    return this.#zk.watch(path, mode, watcher);
  }
  ephemerals(prefix?: string): Promise<string[]> {
    return this.#zk.ephemerals(prefix);
  }
  countDescendants(path: string): Promise<number> {
    return this.#zk.countDescendants(path);
  }
  acl(path: string): Promise<{ acl: Acl[]; stat: Stat }> {
    return this.#zk.acl(path);
  }
  setAcl(path: string, acl: readonly Acl[], version?: number): Promise<Stat> {
    return this.#zk.setAcl(path, acl, version);
  }
  authenticate(scheme: string, credentials: Data): Promise<void> {
    return this.#zk.authenticate(scheme, credentials);
  }
  whoAmI(): Promise<{ scheme: string; id: string }[]> {
    return this.#zk.whoAmI();
  }
}
