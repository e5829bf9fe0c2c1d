import { RecordError } from '@drover/core';
import { silentMetrics, type Log, type Metrics } from '@drover/observability';
import { splitConnectString, withRoot } from '@drover/protocol';
import { inBackground, messageOf, Pause, type Health } from '@drover/runtime';
import {
  isZooKeeperError,
  needNotSucceed,
  requireCapabilities,
  ZooKeeperError,
  type SessionState as HandleState,
  type ZooKeeper,
  type ZooKeeperFactory,
  type ZooKeeperOptions,
} from '@drover/zookeeper';
import { healthOf } from './health.decide.js';
import { ensureLayout, lookAtRoot, type RootContext } from './layout.js';
import { ownedHandle, type OwnedHandle } from './owned-handle.js';
import { RequestTimes } from './request-times.js';
import { aclOf, openingsOf, type Opening, type RootMode } from './root-access.js';

const PREPARE_AGAIN_MS = 100;
const LONGEST_PREPARE_AGAIN_MS = 5_000;

/**
 * connecting: not usable yet, or a new session is being made · connected · suspended: the session may have expired or
 * not; the process keeps its state and decides nothing · expired: everything that was tied to the session is gone; a
 * new incarnation follows by itself · closed: by `close()`, or because no session can be had; final.
 */
export type SessionState = 'connecting' | 'connected' | 'suspended' | 'expired' | 'closed';

export interface SessionView {
  /** Never `connecting`: listeners are not told of that state. */
  state: Exclude<SessionState, 'connecting'>;
  /** The handle that this is about. After `expired` another one takes its place. */
  zk: ZooKeeper;
  /**
   * 1 for the first session, one more for each that follows. A listener drops everything that an earlier one started.
   */
  incarnation: number;
  /** In the state `closed`: why the session ended by itself; `null`: `close()` was called. */
  failure: Error | null;
}
export type SessionListener = (view: SessionView) => void;

export interface SessionOptions {
  factory: ZooKeeperFactory;
  /** Options of the handle. If `connect` has no chroot, `/drover` is used. */
  zookeeper: ZooKeeperOptions;
  log: Log;
  metrics?: Metrics;
  /** The role of this process, such as "a scheduler", for the error of a driver that cannot serve it. */
  role: string;
  /**
   * make (default): the root and its fixed znodes are made before the session counts as connected. look: nothing is
   * made until `makeLayout` is called.
   */
  layout?: 'make' | 'look';
  /** Called once for each thing that is open to others. Default: it is logged. */
  opening?: (opening: Opening) => void;
}

/**
 * A ZooKeeper session that outlives its expiry: it owns the handles, one at a time, and makes a new one when the server
 * says that the old session is gone. See the library's README for what the states promise.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<SessionListener>();
  /** Callbacks of the callers that wait for `connected()`. */
  readonly #waiting = new Set<() => void>();
  readonly #earlier: bigint[] = [];
  readonly #openings = new Set<string>();
  #zk: OwnedHandle;
  #incarnation = 1;
  #state: SessionState = 'connecting';
  /** The beginning of the present state, by the monotonic clock. */
  #stateSinceMs: number;
  #hasConnected = false;
  readonly #times: RequestTimes;
  /** Everything that the session needs exists; listeners may be told of connections. */
  #ready = false;
  /** `null`: nobody has begun to use the root, or that is not known yet. */
  #mode: RootMode | null = null;
  #making: Promise<void> | null = null;
  readonly #pause = new Pause();
  #failure: Error | null = null;

  /** Begins to connect. Throws `DriverNotCapableError` where the driver cannot fence or does not keep a lease. */
  constructor(options: SessionOptions) {
    this.#options = { ...options, zookeeper: { ...options.zookeeper, connect: withRoot(options.zookeeper.connect) } };
    const { runtime } = options.zookeeper;
    this.#stateSinceMs = runtime.monotonic();
    this.#times = new RequestTimes({
      ...{ runtime, metrics: options.metrics ?? silentMetrics },
      isConnected: () => this.#state === 'connected',
      leaseMs: () => this.leaseMs(),
    });
    this.#zk = this.#openHandle();
  }

  /**
   * The current handle. It changes when a session has expired: don't keep it across an `await` without the incarnation.
   */
  get zk(): ZooKeeper {
    return this.#zk;
  }
  /** Why there is no connection, where that is known: for people to read. */
  get lastFailure(): Error | undefined {
    return this.#failure ?? this.#zk.lastFailure;
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
  /** Whether the root and its fixed znodes were there, or were made, in this session. */
  get hasLayout(): boolean {
    return this.#mode !== null;
  }
  /** Ready while the session lives; see `healthOf`. */
  get health(): Health {
    return healthOf({
      state: this.#state,
      hasConnected: this.#hasConnected,
      forMs: this.#options.zookeeper.runtime.monotonic() - this.#stateSinceMs,
      sessionTimeoutMs: this.#zk.sessionTimeoutMs,
      failure: this.#failure,
      lastFailure: this.#zk.lastFailure,
    });
  }

  /** For how long, in milliseconds, the current session is surely alive; 0 unless connected. */
  leaseMs(): number {
    return this.#state === 'connected' ? this.#zk.leaseMs() : 0;
  }

  /** Whether `incarnation` is still the current one, and connected. Callers ask after every `await`. */
  holds(incarnation: number): boolean {
    return this.#state === 'connected' && this.#incarnation === incarnation;
  }

  /** Calls `listener` at every change from here on. Returns a function that removes it. */
  onState(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Resolves when the session is connected and the fixed part of the znode tree exists; at once if so. Rejects when the
   * session is closed, with the error that ended it (`AUTH_FAILED`); when ZooKeeper refuses a write now (`NO_AUTH`, a
   * quota), unless `patient`; and with the signal's reason. The session goes on trying after a refusal and after an
   * abort: close it.
   */
  async connected(signal?: AbortSignal, { patient = false }: { patient?: boolean } = {}): Promise<void> {
    signal?.throwIfAborted();
    const problem = this.#problem(patient);
    if (problem !== null) throw problem;
    if (this.#state === 'connected') return;
    await new Promise<void>((resolve, reject) => {
      const done = (act: () => void): void => {
        this.#waiting.delete(look);
        signal?.removeEventListener('abort', aborted);
        act();
      };
      const look = (): void => {
        const problem = this.#problem(patient);
        if (problem !== null) done(() => reject(problem));
        else if (this.#state === 'connected') done(resolve);
      };
      const aborted = (): void => done(() => reject(signal?.reason as Error));
      this.#waiting.add(look);
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  /**
   * Creates the root and its fixed znodes if they are missing, also after somebody removed them by hand. A session with
   * `layout: 'look'` calls it before its first write. Rejects with `ZooKeeperError`.
   */
  makeLayout(): Promise<void> {
    this.#making ??= this.#makeLayout().finally(() => (this.#making = null));
    return this.#making;
  }

  /** Looks again whether the layout is there, as `hasLayout` then says. Reads only. Rejects with `ZooKeeperError`. */
  async look(): Promise<void> {
    const zk = this.#zk;
    this.#found(zk, await lookAtRoot(this.#rootContext(zk)));
  }

  /** Ends the session on the server: its ephemerals go at once. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return this.#zk.close();
    this.#move('closed');
    this.#times.end();
    await this.#zk.close();
  }

  /** Why it is not connected, and may never be. */
  #problem(patient: boolean): Error | null {
    if (this.#state !== 'closed') return patient ? null : this.#failure;
    return this.#failure ?? new ZooKeeperError({ code: 'CLOSED', op: 'connect', outcome: 'not-applied' });
  }

  #openHandle(): OwnedHandle {
    const { factory, zookeeper, role } = this.#options;
    const zk = ownedHandle(factory(zookeeper), this.#times.timer);
    try {
      requireCapabilities(zk, ['multi', 'addWatch', 'lease', 'exactVersions'], role);
    } catch (error) {
      inBackground(zk.close(), needNotSucceed);
      throw error;
    }
    zk.onState((state) => this.#handleMoved(zk, state));
    return zk;
  }

  #handleMoved(zk: OwnedHandle, state: HandleState): void {
    if (zk !== this.#zk || this.#state === 'closed') return;
    switch (state) {
      case 'connected':
        if (this.#ready) this.#move('connected');
        else inBackground(this.#prepare(zk), (error) => this.#fail(error as Error));
        return;
      case 'suspended':
        if (this.#state === 'connected') this.#move('suspended');
        return;
      case 'expired':
        this.#renew();
        return;
      case 'closed':
        // This session did not close the handle: ZooKeeper refused its credentials. `connected()` rejects with that
        // error.
        zk.connected().catch((error: unknown) => this.#fail(error as Error));
        return;
      case 'connecting':
        return;
    }
  }

  /** Repeats until it has succeeded, or the connection is lost: the next connection prepares again. Never rejects. */
  async #prepare(zk: OwnedHandle): Promise<void> {
    const { runtime } = this.#options.zookeeper;
    for (let pauseMs = PREPARE_AGAIN_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PREPARE_AGAIN_MS)) {
      const refused = await this.#tryToPrepare(zk);
      if (!this.#isPreparing(zk)) return;
      if (refused === null) break;
      // Waiting does not help: the root needs a newer program.
      if (refused instanceof RecordError && refused.isNewer) {
        this.#fail(refused);
        return;
      }
      // The lost connection may be that of the handle which creates the root: then no event of this handle's connection
      // follows.
      if (!isZooKeeperError(refused, 'CONNECTION_LOSS', 'SESSION_EXPIRED', 'CLOSED')) this.#refuse(refused);
      await this.#pause.sleep(runtime, pauseMs * (0.5 + runtime.random()));
      if (!this.#isPreparing(zk)) return;
    }
    this.#ready = true;
    this.#failure = null;
    this.#move('connected');
  }

  /** The failure; `null`: none. */
  async #tryToPrepare(zk: OwnedHandle): Promise<Error | null> {
    try {
      const context = this.#rootContext(zk);
      this.#found(zk, await (this.#options.layout === 'look' ? lookAtRoot(context) : ensureLayout(context)));
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  async #makeLayout(): Promise<void> {
    const zk = this.#zk;
    this.#found(zk, await ensureLayout(this.#rootContext(zk)));
  }

  #rootContext(zk: ZooKeeper): RootContext {
    const { factory, zookeeper: options, log } = this.#options;
    return {
      zk,
      factory,
      options,
      invalid: ({ path, message: reason }) => log.event('record.invalid', { path, reason }),
    };
  }

  #found(zk: OwnedHandle, mode: RootMode | null): void {
    if (zk !== this.#zk) return;
    this.#mode = mode;
    zk.rootAcl = mode === null ? undefined : aclOf(mode);
    if (mode !== null) for (const opening of openingsOf(mode, this.#options.zookeeper)) this.#tellOpening(opening);
  }

  #tellOpening(opening: Opening): void {
    const { log, zookeeper } = this.#options;
    if (this.#openings.has(opening.code)) return;
    this.#openings.add(opening.code);
    if (this.#options.opening !== undefined) this.#options.opening(opening);
    else log.event('access.open', { root: splitConnectString(zookeeper.connect).root, reason: opening.message });
  }

  #isPreparing(zk: OwnedHandle): boolean {
    return zk === this.#zk && zk.state === 'connected' && !this.#ready && this.#state !== 'closed';
  }

  /** Logged when the reason changes; the session keeps trying. */
  #refuse(error: Error): void {
    const isNews = this.#failure?.message !== error.message;
    this.#failure = error;
    if (isNews)
      this.#options.log.event('session.refused', {
        sessionId: sessionName(this.#zk.sessionId),
        reason: messageOf(error),
      });
    this.#wake();
  }

  /** The session ends for good: none can be had. */
  #fail(error: Error): void {
    if (this.#state === 'closed') return;
    this.#failure = error;
    this.#move('closed');
  }

  /** Listeners are told of `expired` with the old handle; then the new one takes its place. */
  #renew(): void {
    this.#earlier.push(this.#zk.sessionId);
    this.#move('expired');
    if (this.#state !== 'expired') return; // a listener closed this session
    this.#incarnation++;
    this.#setState('connecting');
    // The layout must be checked again: ZooKeeper may have lost its data.
    this.#ready = false;
    this.#mode = null;
    this.#zk = this.#openHandle();
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#hasConnected ||= state === 'connected';
    this.#pause.end();
    this.#stateSinceMs = this.#options.zookeeper.runtime.monotonic();
  }

  #move(state: SessionView['state']): void {
    this.#setState(state);
    this.#logState(state);
    (this.#options.metrics ?? silentMetrics).count('drover_session_changes_total', { state });
    const failure = state === 'closed' ? this.#failure : null;
    const view: SessionView = { state, zk: this.#zk, incarnation: this.#incarnation, failure };
    for (const listener of [...this.#listeners]) listener(view);
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  #logState(state: SessionView['state']): void {
    const { log } = this.#options;
    const sessionId = sessionName(this.#zk.sessionId);
    const reason = this.#zk.lastFailure?.message ?? 'not known';
    if (state === 'connected') {
      const { sessionTimeoutMs: timeoutMs } = this.#zk;
      log.event('session.connected', { sessionId, timeoutMs, incarnation: this.#incarnation });
    } else if (state !== 'closed') log.event(`session.${state}`, { sessionId, reason });
  }
}

/** The session's id as ZooKeeper's own logs write it. */
export function sessionName(sessionId: bigint): string {
  return `0x${BigInt.asUintN(64, sessionId).toString(16)}`;
}
