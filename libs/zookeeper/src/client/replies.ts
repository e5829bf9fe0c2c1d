import type { Runtime } from '@drover/runtime';
import type { OneShotWatcher, WatchEventType } from '../port.js';
import { ZooKeeperError } from '../errors.js';
import type { Connection } from './connection.js';
import type { Pipeline } from './pipeline.js';
import type { PendingRequest } from './request.js';
import { serverError } from './server-errors.js';
import type { Watches } from './watches.js';
import { EVENT_TYPE, XID } from './wire/opcodes.js';
import { MalformedPacketError, PacketReader } from './wire/reader.js';

/**
 * The most packets that one turn of the event loop handles: after a busy time the packets that have gathered must not
 * keep the process busy for as long again.
 */
export const PACKETS_A_TURN = 500;

/** Answers to packets of the session's own. */
export interface SessionAnswers {
  authAnswered(serverCode: number): void;
  rewatched(serverCode: number): void;
}

const EVENTS = new Map<number, WatchEventType>([
  [EVENT_TYPE.created, 'created'],
  [EVENT_TYPE.deleted, 'deleted'],
  [EVENT_TYPE.changed, 'changed'],
  [EVENT_TYPE.children, 'children'],
]);

/**
 * Handles the server's packets in their order, and what they prove: which transaction it has seen, and until when the
 * session is ours.
 *
 * ZooKeeper promises that a client sees a watch event before the data that comes after it, and behind the data that
 * came before. Watchers are called here, but those who await an answer go on in microtasks later; so before a watcher
 * is called, processing steps aside until all that awaited the answers before it has run. Very much input is taken up
 * in several turns of the event loop.
 */
export class Replies {
  /** Send time of the last request, ping or handshake that was answered. */
  answeredSentMs = 0;
  /** The time of the ping that is not answered yet. */
  pingSentMs: number | null = null;
  readonly #runtime: Runtime;
  readonly #pipeline: Pipeline;
  readonly #watches: Watches;
  readonly #session: SessionAnswers;
  readonly #reader = new PacketReader();
  #connection: Connection | null = null;
  /** The zxid in two halves: a 64-bit integer for every reply would make garbage. */
  #zxidHigh = 0;
  #zxidLow = 0;
  /** An answer was given since processing last stepped aside. */
  #answered = false;
  #anyAnswer = false;
  #steppedAside = false;
  /** xid of the packet in the reader, which waits until processing goes on; 0: there is none. */
  #heldXid = 0;
  /** Packets since a turn was seen to end; half of them may be of the turns before. */
  #taken = 0;
  /** True: this turn has handled as many packets as it may. */
  #waits = false;

  constructor(runtime: Runtime, pipeline: Pipeline, watches: Watches, session: SessionAnswers) {
    this.#runtime = runtime;
    this.#pipeline = pipeline;
    this.#watches = watches;
    this.#session = session;
  }

  begin(connection: Connection, handshakeSentMs: number): void {
    this.#connection = connection;
    this.answeredSentMs = handshakeSentMs;
    this.pingSentMs = null;
    this.#steppedAside = this.#waits = false;
    this.#heldXid = 0;
    this.#anyAnswer = false;
  }

  lastZxid(): bigint {
    return (BigInt(this.#zxidHigh) << 32n) | BigInt(this.#zxidLow);
  }

  /** Whether this connection has answered a request; true once. */
  takeAnswered(): boolean {
    const any = this.#anyAnswer;
    this.#anyAnswer = false;
    return any;
  }

  /** True: received packets wait to be handled. */
  get behind(): boolean {
    return this.#waits || this.#steppedAside;
  }

  /**
   * Handles the packets that have arrived, or a turn's share of them. False: it yielded. If some are left, it calls the
   * listener again. Throws on a broken stream.
   */
  process(nowMs: number): boolean {
    const connection = this.#connection;
    if (connection === null || this.behind) return false;
    if (this.#heldXid !== 0) {
      const xid = this.#heldXid;
      this.#heldXid = 0;
      this.#take(xid, nowMs);
    }
    const { frames } = connection;
    while (!connection.isGone && !this.#tookEnough() && frames.next()) {
      this.#count();
      this.#reader.reset(frames.bytes, frames.start, frames.end);
      const xid = this.#reader.int();
      const callsBack = xid === XID.event || xid === XID.setWatches;
      if (callsBack && this.#answered) {
        this.#stepAside(connection, xid);
        return false;
      }
      this.#take(xid, nowMs);
    }
    return true;
  }

  #tookEnough(): boolean {
    this.#waits = this.#taken >= PACKETS_A_TURN;
    return this.#waits;
  }

  #count(): void {
    if (++this.#taken === PACKETS_A_TURN / 2) this.#runtime.soon(() => this.#turned());
  }

  #turned(): void {
    this.#taken = 0;
    if (!this.#waits) return;
    this.#waits = false;
    if (this.#connection?.isGone === false) this.#connection.listener.received();
  }

  /** Microtasks, however long their chains, come before the next tick. */
  #stepAside(connection: Connection, xid: number): void {
    this.#steppedAside = true;
    this.#heldXid = xid;
    queueMicrotask(() =>
      process.nextTick(() => {
        if (this.#connection !== connection) return;
        this.#steppedAside = this.#answered = false;
        if (!connection.isGone) connection.listener.received();
      }),
    );
  }

  #take(xid: number, nowMs: number): void {
    const reader = this.#reader;
    const zxidHigh = reader.int();
    const zxidLow = reader.int() >>> 0;
    const code = reader.int();
    switch (xid) {
      case XID.event:
        this.#event();
        return;
      case XID.ping:
        this.#sawZxid(zxidHigh, zxidLow);
        this.#pingAnswered();
        return;
      case XID.auth:
        this.#session.authAnswered(code);
        return;
      case XID.setWatches:
        this.#session.rewatched(code);
        return;
      default:
        this.#sawZxid(zxidHigh, zxidLow);
        this.#answer(xid, code, nowMs);
    }
  }

  #sawZxid(high: number, low: number): void {
    if (high < this.#zxidHigh || (high === this.#zxidHigh && low <= this.#zxidLow)) return;
    this.#zxidHigh = high;
    this.#zxidLow = low;
  }

  #pingAnswered(): void {
    if (this.pingSentMs === null) return;
    this.answeredSentMs = Math.max(this.answeredSentMs, this.pingSentMs);
    this.pingSentMs = null;
    this.#anyAnswer = true;
  }

  #event(): void {
    const type = this.#reader.int();
    this.#reader.int(); // the session's state, which the connection tells better
    const path = this.#reader.string();
    const known = EVENTS.get(type);
    if (known !== undefined) this.#watches.event(known, path);
    else if (type === EVENT_TYPE.dataWatchRemoved) this.#watches.dropped('data', path);
    else if (type === EVENT_TYPE.childWatchRemoved) this.#watches.dropped('children', path);
  }

  #answer(xid: number, code: number, nowMs: number): void {
    const request = this.#pipeline.next();
    if (request?.xid !== xid) {
      throw new MalformedPacketError(`an answer to request ${xid}, where ${request?.xid ?? 'none'} was to be answered`);
    }
    let result: unknown;
    let error: ZooKeeperError | undefined;
    if (code === 0) {
      try {
        result = request.type.decode(this.#reader, request.args, request.path);
      } catch (thrown) {
        if (!(thrown instanceof ZooKeeperError)) throw thrown;
        error = thrown;
      }
    } else {
      result = request.type.expected?.(code);
      if (result === undefined) error = serverError(code, request.type.name, request.path);
    }
    this.#pipeline.answered(nowMs);
    this.answeredSentMs = Math.max(this.answeredSentMs, request.sentMs);
    this.#answered = this.#anyAnswer = true;
    if (error !== undefined) {
      request.reject(error);
      return;
    }
    if (request.watcher !== undefined) this.#armOneShot(request, request.watcher, code);
    request.resolve(result as never);
  }

  #armOneShot({ type, serverPath, args }: PendingRequest, watcher: OneShotWatcher, code: number): void {
    if (type.watch === undefined || serverPath === undefined) return;
    // On a znode that exists, the server keeps it as a watch of the data.
    const kind = type.watch === 'exists' && code === 0 ? 'data' : type.watch;
    this.#watches.addOneShot(kind, serverPath, watcher, (args as { watch: boolean }).watch);
  }
}
