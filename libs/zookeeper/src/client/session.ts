import { inBackground, uncaught, type Runtime } from '@drover/runtime';
import { ZooKeeperError, type ErrorCode, type Outcome } from '../errors.js';
import type { Data, SessionState } from '../port.js';
import type { CallerErrors } from './caller-errors.js';
import type { Connection, ConnectionListener } from './connection.js';
import type { Connector, Established } from './connector.js';
import type { Credentials } from './credentials.js';
import { leaseEndMs } from './lease.js';
import { Link } from './link.js';
import { CLOSE_SESSION } from './operations.js';
import type { Pipeline } from './pipeline.js';
import { Replies } from './replies.js';
import type { Call } from './request.js';
import { rewatchPieces, writeRewatch } from './rewatch.js';
import { isFinal, mayBecome } from './session-states.js';
import { StateListeners } from './state-listeners.js';
import type { Watches } from './watches.js';
import { NEW_PASSWORD, type SessionIdentity } from './wire/handshake.js';

/** The longest time that an orderly end waits for the server; it never waits longer than the lease. */
const MAX_CLOSE_MS = 5_000;

export interface SessionParts {
  runtime: Runtime;
  connector: Connector;
  pipeline: Pipeline;
  credentials: Credentials;
  watches: Watches;
  callers: CallerErrors;
  /** The session timeout to ask for. */
  timeoutMs: number;
  /** A session to go on with, made by another handle. */
  resume: { sessionId: bigint; password: Uint8Array } | undefined;
}

/**
 * The life of one session over any number of connections: it decides when requests may be sent, when the connection is
 * dropped, and who is told of a change of state. `session-states.ts` has the states, `link.ts` the present connection,
 * `lease.ts` the arithmetic of the lease, `replies.ts` the received packets.
 *
 * A process whose session may have expired must not write. So the lease is checked when a request is made, and again
 * when the requests of the turn are written: an event loop that stalled before or in between writes nothing. Requests
 * that were not written fail as not applied.
 */
export class Session implements ConnectionListener {
  readonly #parts: SessionParts;
  readonly #listeners: StateListeners;
  readonly #replies: Replies;
  readonly #link: Link;
  #state: SessionState = 'connecting';
  #sessionId: bigint;
  #password: Buffer;
  #timeoutMs: number;
  #rewatching = 0;
  #end: ErrorCode = 'CLOSED';
  #lostBecause: Error | undefined;
  #closed: Promise<void> | undefined;
  #finished = false;
  #finishClose: (() => void) | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#sessionId = parts.resume?.sessionId ?? 0n;
    this.#password = parts.resume === undefined ? NEW_PASSWORD : Buffer.from(parts.resume.password);
    this.#timeoutMs = parts.timeoutMs;
    this.#listeners = new StateListeners(parts.callers);
    this.#replies = new Replies(parts.runtime, parts.pipeline, parts.watches, {
      authAnswered: (code) => this.#authAnswered(code),
      rewatched: (code) => this.#rewatched(code),
    });
    this.#link = new Link(parts.runtime, parts.pipeline, this.#replies, () => this.#lose(leaseRanOut()));
    inBackground(this.#connect(), uncaught);
  }

  get state(): SessionState {
    return this.#state;
  }

  get sessionId(): bigint {
    return this.#sessionId;
  }

  get password(): Buffer {
    return this.#password;
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  get lostBecause(): Error | undefined {
    return this.#parts.connector.lastFailure ?? this.#lostBecause;
  }

  leaseMs(): number {
    if (this.#sessionId === 0n || isFinal(this.#state)) return 0;
    return this.#link.leaseEndMs() - this.#parts.runtime.monotonic();
  }

  onState(listener: (state: SessionState) => void): () => void {
    return this.#listeners.add(listener);
  }

  connected(signal: AbortSignal | undefined): Promise<void> {
    if (this.#state === 'connected') return Promise.resolve();
    if (isFinal(this.#state)) return Promise.reject(this.#error('connect', undefined, 'not-applied'));
    return this.#listeners.wait(signal);
  }

  call<Args, Result>(call: Call<Args, Result>): Promise<Result> {
    const { runtime, pipeline } = this.#parts;
    if (this.#state === 'connecting') return pipeline.add(call, true, 0);
    if (this.#state === 'connected') {
      const nowMs = runtime.monotonic();
      if (nowMs < this.#link.leaseEndMs()) {
        const answer = pipeline.add(call, false, nowMs);
        this.#link.flushSoon();
        return answer;
      }
      this.#lose(leaseRanOut());
    }
    return Promise.reject(this.#error(call.type.name, call.path, 'not-applied'));
  }

  authenticate(scheme: string, credentials: Data): Promise<void> {
    if (isFinal(this.#state)) return Promise.reject(this.#error('authenticate', undefined, 'not-applied'));
    const connected = this.#link.connection !== null;
    const answer = this.#parts.credentials.add(scheme, credentials, connected ? this.#parts.pipeline.writer : null);
    if (connected) this.#link.flushSoon();
    return answer;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  // Connecting

  /** Never rejects: the connector goes on trying, and errors of listeners are passed to their owner. */
  async #connect(): Promise<void> {
    const { connector } = this.#parts;
    const established = await connector.connect(this.#identity());
    if (established === null) return;
    const { connection, reply, sentMs } = established;
    const tooLate = this.#parts.runtime.monotonic() >= leaseEndMs(sentMs, reply.timeoutMs);
    if (isFinal(this.#state)) connection.destroy();
    else if (reply.timeoutMs <= 0) this.#expire(connection);
    else if (!connection.isGone && !tooLate) this.#adopt(established);
    else {
      connection.destroy();
      inBackground(this.#connect(), uncaught);
    }
  }

  #identity(): SessionIdentity {
    return {
      sessionId: this.#sessionId,
      password: this.#password,
      timeoutMs: this.#parts.timeoutMs,
      grantedMs: Math.min(this.#parts.timeoutMs, this.#timeoutMs),
      lastZxid: this.#replies.lastZxid(),
    };
  }

  #adopt({ connection, reply, sentMs }: Established): void {
    const { pipeline, credentials, watches, connector } = this.#parts;
    this.#sessionId = reply.sessionId;
    this.#password = reply.password;
    this.#timeoutMs = reply.timeoutMs;
    connector.lastFailure = undefined;
    this.#link.begin(connection, this, sentMs, reply.timeoutMs);
    // The order of packets on a new connection: credentials, then watches, then the requests that waited, then those
    // that listeners make.
    credentials.writeAll(pipeline.writer);
    this.#rewatch(watches);
    pipeline.restart(reply.timeoutMs);
    pipeline.fill(sentMs);
    this.#become('connected');
    this.#link.flush();
    this.#link.beat();
  }

  #rewatch(watches: Watches): void {
    const lastZxid = this.#replies.lastZxid();
    const pieces = rewatchPieces(watches.paths());
    this.#rewatching = pieces.length;
    for (const piece of pieces) writeRewatch(this.#parts.pipeline.writer, piece, lastZxid);
  }

  #rewatched(serverCode: number): void {
    if (serverCode !== 0) {
      this.#lose(new Error(`the server did not set the watches again: code ${serverCode}`));
      return;
    }
    if (--this.#rewatching === 0) this.#parts.watches.reset();
  }

  #authAnswered(serverCode: number): void {
    const verdict = this.#parts.credentials.answered(serverCode);
    if (verdict === 'accepted') return;
    if (verdict === 'fatal') this.#finish('AUTH_FAILED');
    else this.#lose(new Error('the server refused credentials'));
  }

  // The connection's events

  opened(): void {
    // The handshake is done when the session gets a connection.
  }

  received(): void {
    const { connection } = this.#link;
    if (connection === null) return;
    const nowMs = this.#parts.runtime.monotonic();
    try {
      if (!this.#replies.process(nowMs)) return;
    } catch (error) {
      this.#lose(error as Error);
      return;
    }
    if (this.#link.connection !== connection) return;
    if (this.#replies.takeAnswered()) this.#parts.connector.succeeded();
    if (this.#parts.pipeline.fill(nowMs)) this.#link.flush();
  }

  lost(reason: Error): void {
    this.#lose(reason, isClosedByPeer(reason));
  }

  // Changes of state

  /** Drops the connection. The session may live on: the server says so at the next handshake. */
  #lose(reason: Error, closed = false): void {
    const { connection } = this.#link;
    if (connection === null) return;
    this.#link.end();
    this.#lostBecause = reason;
    if (this.#state === 'closed') {
      this.#finish('CLOSED');
      return;
    }
    this.#parts.connector.lostAt(connection.address);
    this.#parts.pipeline.failAll(
      (request, outcome) => this.#errorOf('CONNECTION_LOSS', request.type.name, request.path, outcome),
      closed,
    );
    this.#become('suspended');
    if (this.#state === 'suspended') inBackground(this.#connect(), uncaught);
  }

  #expire(connection: Connection): void {
    connection.destroy();
    this.#finish('SESSION_EXPIRED');
  }

  async #close(): Promise<void> {
    const { pipeline, runtime } = this.#parts;
    if (isFinal(this.#state)) return;
    if (this.#state !== 'connected' || this.leaseMs() <= 0) {
      this.#finish('CLOSED');
      return;
    }
    const finished = new Promise<void>((resolve) => (this.#finishClose = resolve));
    const call = { type: CLOSE_SESSION, args: null, path: undefined, serverPath: undefined, watcher: undefined };
    // The request to close goes behind all earlier ones: the server answers those, then ends the session.
    pipeline.add(call, false, runtime.monotonic()).then(
      () => this.#finish('CLOSED'),
      () => this.#finish('CLOSED'),
    );
    const deadline = runtime.after(Math.min(MAX_CLOSE_MS, this.leaseMs()), () => this.#finish('CLOSED'));
    this.#link.flush();
    this.#become('closed');
    await finished;
    deadline.cancel();
  }

  /** Ends the handle: nothing is left running, and all callers that wait are told. */
  #finish(code: 'CLOSED' | 'SESSION_EXPIRED' | 'AUTH_FAILED'): void {
    const { connector, pipeline, credentials, watches } = this.#parts;
    if (this.#finished) return;
    this.#finished = true;
    this.#end = code;
    this.#link.end();
    connector.stop();
    this.#become(code === 'SESSION_EXPIRED' ? 'expired' : 'closed');
    pipeline.failAll((request, outcome) => this.#errorOf(code, request.type.name, request.path, outcome));
    credentials.failAll(this.#error('authenticate', undefined, 'not-applied'));
    watches.endAll();
    this.#finishClose?.();
  }

  #become(state: SessionState): void {
    if (this.#state === state) return;
    if (!mayBecome(this.#state, state)) throw new Error(`a session that is ${this.#state} cannot become ${state}`);
    this.#state = state;
    this.#listeners.notify(state);
    if (state === 'connected') this.#listeners.settleWaiters(null);
    if (isFinal(state)) this.#listeners.settleWaiters(this.#error('connect', undefined, 'not-applied'));
  }

  #error(op: string, path: string | undefined, outcome: Outcome): ZooKeeperError {
    const code =
      this.#state === 'expired' ? 'SESSION_EXPIRED' : this.#state === 'closed' ? this.#end : 'CONNECTION_LOSS';
    return this.#errorOf(code, op, path, outcome);
  }

  #errorOf(code: ErrorCode, op: string, path: string | undefined, outcome: Outcome): ZooKeeperError {
    const cause = this.lostBecause;
    return new ZooKeeperError({
      code,
      op,
      outcome,
      ...(path === undefined ? {} : { path }),
      ...(cause === undefined || code === 'CLOSED' ? {} : { cause, message: cause.message }),
    });
  }
}

function leaseRanOut(): Error {
  return new Error('no answer for two thirds of the session timeout, or the event loop was blocked as long');
}

/** Whether the server closed the connection, by the error's code: a broken network has other codes. */
function isClosedByPeer({ code }: NodeJS.ErrnoException): boolean {
  return code === undefined || code === 'ECONNRESET' || code === 'EPIPE';
}
