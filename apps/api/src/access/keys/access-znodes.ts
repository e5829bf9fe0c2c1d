import type { Log } from '@drover/observability';
import {
  decodeRecord,
  ROOTS,
  tokenPath,
  type SessionKeysRecord,
  type TokenRecord,
  TOKENS,
  SESSION_KEY,
} from '@drover/protocol';
import { inBackground, messageOf, Pause, toldElsewhere, type Runtime } from '@drover/runtime';
import { isZooKeeperError, needNotSucceed, nullOn, type WatchHandle, type ZooKeeper } from '@drover/zookeeper';

/** All that is below `/access`. */
export interface AccessZnodes {
  readonly tokens: ReadonlyMap<string, TokenRecord>;
  /** Null: nobody has made any yet, or they cannot be read. `version`: of the znode. */
  readonly sessionKeys: { readonly record: SessionKeysRecord; readonly version: number } | null;
}

export interface FollowerOptions {
  /** The current handle, once it is connected. */
  zk: () => Promise<ZooKeeper>;
  runtime: Runtime;
  log: Log;
  /** Called with all of it, at the start and after each change. */
  changed: (found: AccessZnodes, zk: ZooKeeper) => void;
}

const AGAIN_MS = 1_000;

/**
 * Follows `/access` by one recursive watch. After an event everything is read again, once for all events that came in
 * the meantime: tokens are few and change rarely, so what is known is always one whole reading that began after the last
 * change. When the session has expired it begins again with the next one; until then what was read last stays in force.
 */
export class AccessFollower {
  readonly #options: FollowerOptions;
  readonly #pause = new Pause();
  #closed = false;
  #stale = true;
  #wake: () => void = () => undefined;
  #first: () => void = () => undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Resolves when all was read once, or could not be. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#first = resolve;
      inBackground(this.#run(), toldElsewhere);
    });
  }

  close(): void {
    this.#closed = true;
    this.#pause.end();
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed()) {
      try {
        await this.#follow(await this.#options.zk());
      } catch (error) {
        if (!isPassing(error)) this.#options.log.event('access.unreadable', { reason: messageOf(error) });
      }
      this.#first();
      if (!this.#isClosed()) await this.#pause.sleep(this.#options.runtime, AGAIN_MS);
    }
  }

  /** Resolves when the session has ended. */
  async #follow(zk: ZooKeeper): Promise<void> {
    const touch = (): void => {
      this.#stale = true;
      this.#wake();
    };
    const unhook = zk.onState(touch);
    let watch: WatchHandle | null = null;
    try {
      watch = await zk.watch(ROOTS.access, 'recursive', { event: touch, reset: touch });
      this.#stale = true;
      while (!this.#isClosed() && zk.state !== 'expired' && zk.state !== 'closed') {
        if (this.#stale && zk.state === 'connected') {
          this.#stale = false;
          this.#options.changed(await this.#read(zk), zk);
          this.#first();
        } else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      unhook();
      await watch?.close().catch(needNotSucceed);
    }
  }

  /** Asked by a function: it may become true during any wait. */
  #isClosed(): boolean {
    return this.#closed;
  }

  async #read(zk: ZooKeeper): Promise<AccessZnodes> {
    const [ids, keys] = await Promise.all([
      nullOn(zk.children(TOKENS), 'NO_NODE'),
      nullOn(zk.get(SESSION_KEY), 'NO_NODE'),
    ]);
    const tokens = new Map<string, TokenRecord>();
    const read = async (id: string): Promise<void> => {
      const znode = await nullOn(zk.get(tokenPath(id)), 'NO_NODE');
      const token = znode === null ? null : this.#decode(() => decodeRecord('token', tokenPath(id), znode.data));
      if (token !== null) tokens.set(id, token);
    };
    await Promise.all((ids ?? []).map(read));
    const record = keys === null ? null : this.#decode(() => decodeRecord('sessionKeys', SESSION_KEY, keys.data));
    return { tokens, sessionKeys: keys === null || record === null ? null : { record, version: keys.stat.version } };
  }

  #decode<T>(decode: () => T): T | null {
    try {
      return decode();
    } catch (error) {
      this.#options.log.event('access.unreadable', { reason: messageOf(error) });
      return null;
    }
  }
}

/** The session is in doubt or over: it goes on with the next one. */
export const isPassing = (error: unknown): boolean =>
  isZooKeeperError(error, 'CONNECTION_LOSS', 'SESSION_EXPIRED', 'CLOSED', 'OPERATION_TIMEOUT');
