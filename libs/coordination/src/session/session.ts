import { silentMetrics, type Log, type Metrics } from '@drover/observability';
import { withRoot } from '@drover/protocol';
import { sleep, type Health, type Runtime } from '@drover/runtime';
import {
  isZooKeeperError,
  requireCapabilities,
  ZooKeeperError,
  type SessionState as HandleState,
  type ZooKeeper,
  type ZooKeeperFactory,
  type ZooKeeperOptions,
} from '@drover/zookeeper';
import { ensureLayout } from './layout.js';

const PREPARE_AGAIN_MS = 100;

/**
 * connecting: not usable yet, or a new session is being made · connected · suspended: in doubt, the session may live
 * on: keep what you have, decide nothing · expired: everything that was tied to the session is gone; a new incarnation
 * follows by itself · closed: by `close()`, final.
 */
export type SessionState = 'connecting' | 'connected' | 'suspended' | 'expired' | 'closed';

export interface SessionView {
  /** Never `connecting`: listeners hear of what matters to them. */
  state: Exclude<SessionState, 'connecting'>;
  /** The handle that this is about. After `expired` another one takes its place. */
  zk: ZooKeeper;
  /** 1 for the first session, one more for each that follows. Drop whatever an earlier one started. */
  incarnation: number;
}
export type SessionListener = (view: SessionView) => void;

export interface SessionOptions {
  factory: ZooKeeperFactory;
  /** `connect` may lack a chroot: `/drover` it is then. */
  zookeeper: ZooKeeperOptions;
  log: Log;
  metrics?: Metrics;
  /** For the message of a driver that cannot serve: "a scheduler". */
  role: string;
}

/**
 * A ZooKeeper session that outlives its expiry: it owns the handles, one at a time, and makes a new one when the server
 * says that the old session is gone. See the library's README for what the states promise.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<SessionListener>();
  /** Of those who wait for `connected()`. */
  readonly #waiting = new Set<() => void>();
  readonly #earlier: bigint[] = [];
  #zk: ZooKeeper;
  #incarnation = 1;
  #state: SessionState = 'connecting';
  /** The layout is there, listeners may be told of connections. */
  #ready = false;
  #failure: Error | null = null;
  /** When the connection was lost, on the monotonic clock. */
  #suspendedAt = 0;

  /** Begins to connect. Throws `DriverNotCapableError` where the driver cannot fence or does not keep a lease. */
  constructor(options: SessionOptions) {
    this.#options = { ...options, zookeeper: { ...options.zookeeper, connect: withRoot(options.zookeeper.connect) } };
    this.#zk = this.#openHandle();
  }

  /** The current handle. It changes when a session has expired: don't keep it across an `await` without the incarnation. */
  get zk(): ZooKeeper {
    return this.#zk;
  }
  /** Why there is no connection, where that is known: for people to read. */
  get lastFailure(): Error | undefined {
    return this.#zk.lastFailure;
  }
  get incarnation(): number {
    return this.#incarnation;
  }
  get state(): SessionState {
    return this.#state;
  }
  /** Ids of the sessions that this process had before the current one, the newest last. */
  get earlierSessions(): readonly bigint[] {
    return this.#earlier;
  }

  /** Ready while the session lives: a suspended one counts until its timeout is over, since it may well live on. */
  get health(): Health {
    if (this.#state === 'connected') return { ready: true, why: 'ok' };
    if (this.#state !== 'suspended') return { ready: false, why: `ZooKeeper session: ${this.#state}` };
    const lostForMs = this.#runtime.monotonic() - this.#suspendedAt;
    const why = `no contact with ZooKeeper for ${Math.round(lostForMs)} ms`;
    return { ready: lostForMs < this.#zk.sessionTimeoutMs, why };
  }

  /** How long the current session is surely ours; 0 unless connected. */
  leaseMs(): number {
    return this.#state === 'connected' ? this.#zk.leaseMs() : 0;
  }

  /** Whether `incarnation` is still the one, and connected. Ask after every `await`. */
  holds(incarnation: number): boolean {
    return this.#state === 'connected' && this.#incarnation === incarnation;
  }

  /** Calls `listener` at every change from here on. Returns what removes it. */
  onState(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Resolves when connected and the znode tree's fixed part is there; at once if so. Rejects when closed, when the tree
   * cannot be made (`NO_AUTH`), or with the signal's reason. The session goes on trying after an abort: close it.
   */
  async connected(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const problem = this.#problem();
    if (problem !== null) throw problem;
    if (this.#state === 'connected') return;
    await new Promise<void>((resolve, reject) => {
      const done = (act: () => void): void => {
        this.#waiting.delete(look);
        signal?.removeEventListener('abort', aborted);
        act();
      };
      const look = (): void => {
        const problem = this.#problem();
        if (problem !== null) done(() => reject(problem));
        else if (this.#state === 'connected') done(resolve);
      };
      const aborted = (): void => done(() => reject(signal?.reason as Error));
      this.#waiting.add(look);
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Ends the session on the server: its ephemerals go at once. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return this.#zk.close();
    this.#move('closed');
    await this.#zk.close();
  }

  /** Why it can never be connected. */
  #problem(): Error | null {
    if (this.#failure !== null || this.#state !== 'closed') return this.#failure;
    return new ZooKeeperError({ code: 'CLOSED', op: 'connect', outcome: 'not-applied' });
  }

  get #runtime(): Runtime {
    return this.#options.zookeeper.runtime;
  }

  #openHandle(): ZooKeeper {
    const { factory, zookeeper, role } = this.#options;
    const zk = factory(zookeeper);
    try {
      requireCapabilities(zk, ['multi', 'addWatch', 'lease', 'exactVersions'], role);
    } catch (error) {
      void zk.close();
      throw error;
    }
    zk.onState((state) => this.#handleMoved(zk, state));
    return zk;
  }

  #handleMoved(zk: ZooKeeper, state: HandleState): void {
    if (zk !== this.#zk || this.#state === 'closed') return;
    switch (state) {
      case 'connected':
        if (this.#ready) this.#move('connected');
        else void this.#prepare(zk);
        return;
      case 'suspended':
        if (this.#state === 'connected') this.#move('suspended');
        return;
      case 'expired':
        this.#renew();
        return;
      case 'connecting':
      case 'closed':
        return;
    }
  }

  async #prepare(zk: ZooKeeper): Promise<void> {
    const { factory, zookeeper } = this.#options;
    try {
      await ensureLayout(zk, factory, zookeeper);
    } catch (error) {
      // The connection broke or the session ended: the next connection prepares again.
      if (!this.#isPreparing(zk) || zk.state !== 'connected') return;
      // It may have been that of the handle which makes the root: then no other connection follows.
      if (isZooKeeperError(error, 'CONNECTION_LOSS', 'SESSION_EXPIRED', 'CLOSED')) return this.#prepareAgain(zk);
      this.#failure = error as Error;
      this.#wake();
      return;
    }
    if (!this.#isPreparing(zk)) return;
    this.#ready = true;
    if (zk.state === 'connected') this.#move('connected');
  }

  async #prepareAgain(zk: ZooKeeper): Promise<void> {
    await sleep(this.#runtime, PREPARE_AGAIN_MS);
    if (this.#isPreparing(zk) && zk.state === 'connected') await this.#prepare(zk);
  }

  #isPreparing(zk: ZooKeeper): boolean {
    return zk === this.#zk && !this.#ready && this.#state !== 'closed';
  }

  /** Listeners hear `expired` with the old handle; then the new one takes its place. */
  #renew(): void {
    this.#earlier.push(this.#zk.sessionId);
    this.#move('expired');
    if (this.#state !== 'expired') return; // a listener closed this session
    this.#incarnation++;
    this.#state = 'connecting';
    this.#zk = this.#openHandle();
  }

  #move(state: SessionView['state']): void {
    this.#state = state;
    if (state === 'suspended') this.#suspendedAt = this.#runtime.monotonic();
    this.#logState(state);
    (this.#options.metrics ?? silentMetrics).count('drover_session_changes_total', { state });
    const view = { state, zk: this.#zk, incarnation: this.#incarnation };
    for (const listener of [...this.#listeners]) listener(view);
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  #logState(state: SessionView['state']): void {
    const { log } = this.#options;
    const sessionId = sessionName(this.#zk.sessionId);
    if (state === 'connected') {
      const { sessionTimeoutMs: timeoutMs } = this.#zk;
      log.event('session.connected', { sessionId, timeoutMs, incarnation: this.#incarnation });
    } else if (state !== 'closed') log.event(`session.${state}`, { sessionId });
  }
}

/** As ZooKeeper's own logs write it. */
export function sessionName(sessionId: bigint): string {
  return `0x${BigInt.asUintN(64, sessionId).toString(16)}`;
}
