import type { Runtime } from '@drover/runtime';
import { pathProblem } from '../client/paths.js';
import { ZooKeeperError } from '../errors.js';
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
  WatchEvent,
  WatchHandle,
  WatchMode,
  Watcher,
  Znode,
  ZooKeeper,
} from '../port.js';
import { badArguments, unsupported, type Call } from './driver-errors.js';
import { SessionStates } from './session-states.js';

/** The two ways in which the other client answers a call. */
export interface Answer<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/**
 * The common part of the adapters to other ZooKeeper clients: states, a promise for each call that settles even if the
 * session ends (their callbacks may never come), one-shot watchers that are told of that end, and `UNSUPPORTED` for
 * calls that they cannot do.
 */
export abstract class DriverAdapter implements ZooKeeper {
  abstract readonly driver: string;
  abstract readonly capabilities: Capabilities;
  abstract readonly sessionId: bigint;
  abstract readonly sessionTimeoutMs: number;
  protected readonly session = new SessionStates();
  protected readonly runtime: Runtime;
  readonly #pending = new Set<() => void>();
  readonly #watchers = new Set<(event: WatchEvent | null) => void>();
  #closing: Promise<void> | null = null;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
    this.session.onChange(() => {
      if (this.session.final) this.#settleAll();
    });
  }

  /** Whether `close` was called: later events of the connection are ignored. */
  protected get closing(): boolean {
    return this.#closing !== null;
  }

  get state(): SessionState {
    return this.session.current;
  }

  /** Neither client tells when its last answered request was sent, so the session is never surely ours. */
  leaseMs(): number {
    return 0;
  }

  onState(listener: (state: SessionState) => void): () => void {
    if (typeof listener !== 'function') throw badArguments({ op: 'onState' }, 'a listener must be a function');
    return this.session.onChange(listener);
  }

  connected(signal?: AbortSignal): Promise<void> {
    return this.session.whenConnected(signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.disconnect().finally(() => {
      this.session.closed();
    });
    return this.#closing;
  }

  /** Ends session and connection; resolves when the client is done, or has been given up on. */
  protected abstract disconnect(): Promise<void>;

  abstract create(path: string, data?: Data, options?: CreateOptions): Promise<Created>;
  abstract delete(path: string, version?: number): Promise<void>;
  abstract set(path: string, data: Data, version?: number): Promise<Stat>;
  abstract exists(path: string, watcher?: OneShotWatcher): Promise<Stat | null>;
  abstract get(path: string, watcher?: OneShotWatcher): Promise<Znode>;
  abstract children(path: string, watcher?: OneShotWatcher): Promise<string[]>;
  abstract acl(path: string): Promise<{ acl: Acl[]; stat: Stat }>;
  abstract setAcl(path: string, acl: readonly Acl[], version?: number): Promise<Stat>;
  abstract authenticate(scheme: string, credentials: Data): Promise<void>;

  sync(path = '/'): Promise<void> {
    return this.lacks({ op: 'sync', path });
  }
  multi(_operations: readonly Operation[]): Promise<MultiResult> {
    return this.lacks({ op: 'multi' });
  }
  multiRead(_operations: readonly ReadOperation[]): Promise<ReadResult[]> {
    return this.lacks({ op: 'multiRead' });
  }
  watch(path: string, _mode: WatchMode, _watcher: Watcher): Promise<WatchHandle> {
    return this.lacks({ op: 'watch', path });
  }
  ephemerals(prefix = '/'): Promise<string[]> {
    return this.lacks({ op: 'ephemerals', path: prefix });
  }
  countDescendants(path: string): Promise<number> {
    return this.lacks({ op: 'countDescendants', path });
  }
  whoAmI(): Promise<{ scheme: string; id: string }[]> {
    return this.lacks({ op: 'whoAmI' });
  }

  protected lacks(call: Call, what?: string): Promise<never> {
    return Promise.reject(unsupported(this.driver, call, what));
  }

  protected refused(call: Call, problem: string): Promise<never> {
    return Promise.reject(badArguments(call, problem));
  }

  /** Runs `start`, which calls the other client; an error that it throws is about the arguments. */
  protected async call<T>(call: Call, start: (answer: Answer<T>) => void): Promise<T> {
    const problem = call.path === undefined ? null : pathProblem(call.path);
    if (problem !== null) throw badArguments(call, problem);
    this.session.throwIfFinal(call.op, call.path);
    return new Promise<T>((resolve, reject) => {
      const abandon = (): void => {
        reject(this.session.finalError(call.op, 'unknown', call.path));
      };
      this.#pending.add(abandon);
      const done = (): void => void this.#pending.delete(abandon);
      const answer = {
        resolve: (value: T): void => {
          done();
          resolve(value);
        },
        reject: (error: Error): void => {
          done();
          reject(this.session.final ? this.session.finalError(call.op, 'unknown', call.path) : error);
        },
      };
      try {
        start(answer);
      } catch (error) {
        done();
        reject(error instanceof ZooKeeperError ? error : badArguments(call, error));
      }
    });
  }

  /** `watcher` as the foreign client may call it: once, and the session's end is told as `null`. */
  protected oneShot(watcher: OneShotWatcher): { fire: (event: WatchEvent | null) => void; drop: () => void } {
    const fire = (event: WatchEvent | null): void => {
      if (!this.#watchers.delete(fire)) return;
      callGuarded(() => {
        watcher(event);
      });
    };
    this.#watchers.add(fire);
    return { fire, drop: () => void this.#watchers.delete(fire) };
  }

  #settleAll(): void {
    for (const abandon of [...this.#pending]) abandon();
    this.#pending.clear();
    for (const fire of [...this.#watchers]) fire(null);
  }
}

/** A caller's exception is the caller's: it surfaces as uncaught, and never breaks the stream of replies. */
function callGuarded(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
