import { childOf } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import {
  isZooKeeperError,
  needNotSucceed,
  nullOn,
  ZooKeeperError,
  type WatchEvent,
  type WatchHandle,
  type Znode,
  type ZooKeeper,
} from '@drover/zookeeper';
import { pipelined } from '../reads/pipelined.js';

/** Reads of a listing that are under way at a time: a directory may have very many children. */
export const LIST_WINDOW = 64;

export interface ChildrenCacheOptions {
  zk: Pick<ZooKeeper, 'watch' | 'children' | 'get'>;
  /** Its children are cached, deeper znodes are not. */
  directory: string;
  /** A child exists, or its data changed. Called again only after a change. */
  put: (name: string, znode: Znode) => void;
  gone: (name: string) => void;
  /** A child exists that this process has no permission to read. */
  unreadable?: (name: string, error: ZooKeeperError) => void;
  /** A read failed though the connection is there, or the directory itself was removed: the view is not complete. */
  failed: (error: unknown) => void;
}

interface Child {
  /** The `mzxid` of the last data that was told; `null`: none was told yet. */
  mzxid: bigint | null;
  /** Grows with every event: answers to reads from before the last event are dropped. */
  turn: number;
}

/** A local view of a directory, kept by a recursive watch. The protocol is in the library's README. */
export class ChildrenCache {
  readonly #options: ChildrenCacheOptions;
  readonly #children = new Map<string, Child>();
  #handle: WatchHandle | null = null;
  #stopped = false;
  #turns = 0;

  constructor(options: ChildrenCacheOptions) {
    this.#options = options;
  }

  /** Resolves when all present children have been told. Rejects with `ZooKeeperError`. */
  async start(): Promise<void> {
    const { zk, directory } = this.#options;
    this.#handle = await zk.watch(directory, 'recursive', {
      event: (event) => this.#event(event),
      reset: () => inBackground(this.#list(), (error) => this.#readFailed(error)),
    });
    if (this.#stopped) await this.stop();
    else await this.#list();
  }

  /** No callback follows. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#handle?.close().catch(needNotSucceed);
  }

  #event({ type, path }: WatchEvent): void {
    if (this.#stopped) return;
    const { directory } = this.#options;
    if (type === 'deleted' && path === directory) this.#options.failed(removed(directory));
    const name = childOf(directory, path);
    if (name === null || type === 'children') return;
    if (type === 'deleted') this.#remove(name);
    else inBackground(this.#read(name), (error) => this.#readFailed(error));
  }

  async #list(): Promise<void> {
    const { zk, directory } = this.#options;
    // Events that come during the listing are newer than it.
    const turn = ++this.#turns;
    const names = (await nullOn(zk.children(directory), 'NO_NODE')) ?? [];
    if (this.#stopped) return;
    const listed = new Set(names);
    for (const [name, child] of this.#children) if (child.turn < turn && !listed.has(name)) this.#remove(name);
    await pipelined(names, LIST_WINDOW, async (name) => {
      if (!this.#stopped) await this.#read(name);
    });
  }

  async #read(name: string): Promise<void> {
    const { put } = this.#options;
    const turn = ++this.#turns;
    const child = this.#children.get(name) ?? { mzxid: null, turn };
    child.turn = turn;
    this.#children.set(name, child);
    const znode = await this.#get(name);
    if (this.#stopped || this.#children.get(name) !== child || child.turn !== turn) return;
    // The last known state stays in force.
    if (znode === 'unreadable') return;
    if (znode === null) this.#remove(name);
    else if (znode.stat.mzxid !== child.mzxid) {
      child.mzxid = znode.stat.mzxid;
      put(name, znode);
    }
  }

  async #get(name: string): Promise<Znode | 'unreadable' | null> {
    const { zk, directory, unreadable } = this.#options;
    try {
      return await nullOn(zk.get(`${directory}/${name}`), 'NO_NODE');
    } catch (error) {
      if (unreadable === undefined || !isZooKeeperError(error, 'NO_AUTH')) throw error;
      unreadable(name, error);
      return 'unreadable';
    }
  }

  #remove(name: string): void {
    const child = this.#children.get(name);
    this.#children.delete(name);
    if (child !== undefined && child.mzxid !== null) this.#options.gone(name);
  }

  /** A failure by the connection is ignored: a reset of the watch will follow, or the session has ended. */
  #readFailed(error: unknown): void {
    if (this.#stopped || isZooKeeperError(error, 'CONNECTION_LOSS', 'SESSION_EXPIRED', 'CLOSED')) return;
    this.#options.failed(error);
  }
}

function removed(path: string): ZooKeeperError {
  return new ZooKeeperError({ code: 'NO_NODE', op: 'watch', path, outcome: 'not-applied', message: 'it was removed' });
}
