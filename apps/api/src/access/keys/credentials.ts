import { readTokensFile, type AccessConfig } from '@drover/config';
import type { Log } from '@drover/observability';
import { messageOf, type Runtime, type Timer } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { ApiError } from '../../api-error.js';
import type { Caller } from '../caller.js';
import type { SealKey } from '../sealed.js';
import { AccessFollower, isPassing, type AccessZnodes } from './access-znodes.js';
import { SessionKeys } from './session-keys.js';
import { TokenStore } from './token-store.js';
import { watchFiles } from './watched-file.js';

/** Keys grow old, and tokens expire, without anybody telling it. */
const LOOK_EVERY_MS = 1_000;

export interface CredentialsOptions {
  config: AccessConfig;
  runtime: Runtime;
  log: Log;
  /** The current handle, once it is connected. */
  zk: () => Promise<ZooKeeper>;
}

/** Tokens and keys as they are now, and whose are good no longer. */
export class Credentials {
  readonly tokens = new TokenStore();
  readonly #options: CredentialsOptions;
  readonly #keys = new SessionKeys();
  readonly #follower: AccessFollower;
  readonly #watched = new Set<{ caller: Caller; revoked: () => void }>();
  readonly #timers: Timer[] = [];
  /** Resolves when the keys that were found are in use, or could not be written. */
  #taken: Promise<void> = Promise.resolve();
  #found: { znodes: AccessZnodes; zk: ZooKeeper } | null = null;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#follower = new AccessFollower({ ...options, changed: (znodes, zk) => this.#changed(znodes, zk) });
  }

  /** Those that open, the newest first. */
  get keys(): readonly SealKey[] {
    return this.#keys.all;
  }

  /** The one that seals. Throws `ApiError` `zookeeper-unavailable`. */
  sealKey(): SealKey {
    const [key] = this.#keys.all;
    if (key !== undefined) return key;
    throw new ApiError('zookeeper-unavailable', 'the keys of this cluster have not been read from ZooKeeper yet', {
      retryAfterMs: LOOK_EVERY_MS,
    });
  }

  /** Resolves when what is in ZooKeeper is known, or could not be read. Throws `ConfigError` for the file. */
  async start(): Promise<void> {
    const { config, runtime } = this.#options;
    const { tokensFile: file } = config;
    if (file !== null) {
      this.tokens.setFromFile(readTokensFile(file, '--api-tokens-file'));
      this.#timers.push(watchFiles([file], runtime, () => this.#readFile(file)));
    }
    this.#timers.push(runtime.every(LOOK_EVERY_MS, () => this.#look()));
    await this.#follower.start();
    await this.#taken;
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#follower.close();
  }

  /** Calls `revoked` once when the caller's token is good no longer. Returns a function that ends it. */
  untilRevoked(caller: Caller, revoked: () => void): () => void {
    const entry = { caller, revoked };
    this.#watched.add(entry);
    return () => void this.#watched.delete(entry);
  }

  /** A file that cannot be used is told, and the tokens that were read last stay good. */
  #readFile(file: string): void {
    const { log } = this.#options;
    try {
      const tokens = readTokensFile(file, '--api-tokens-file');
      this.tokens.setFromFile(tokens);
      log.event('api.tokens-changed', { file, tokens: tokens.length });
    } catch (error) {
      log.event('api.file-refused', { file, reason: messageOf(error) });
    }
    this.#tellRevoked();
  }

  #changed(znodes: AccessZnodes, zk: ZooKeeper): void {
    this.#found = { znodes, zk };
    this.tokens.setStored(znodes.tokens);
    this.#look();
  }

  #look(): void {
    if (this.#found !== null && this.#found.zk.state === 'connected') this.#taken = this.#take(this.#found);
    this.#tellRevoked();
  }

  /** Never rejects. */
  async #take({ znodes, zk }: { znodes: AccessZnodes; zk: ZooKeeper }): Promise<void> {
    const { runtime, log } = this.#options;
    try {
      await this.#keys.take(znodes.sessionKeys, zk, runtime.now());
    } catch (error) {
      if (!isPassing(error)) log.event('access.unreadable', { reason: messageOf(error) });
    }
  }

  #tellRevoked(): void {
    const now = this.#options.runtime.now();
    for (const entry of [...this.#watched]) {
      const { token } = entry.caller;
      if (token === undefined || this.tokens.caller(token, now) !== null) continue;
      this.#watched.delete(entry);
      entry.revoked();
    }
  }
}
