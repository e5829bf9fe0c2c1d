import { messageOf } from '@drover/runtime';
import { ZooKeeperError, type Outcome } from '../errors.js';
import { Fifo } from './fifo.js';
import { RequestSizes } from './request-sizes.js';
import { PendingRequest, type Call } from './request.js';
import { PacketTooLargeError, PacketWriter } from './wire/writer.js';

const LAST_XID = 0x7fff_ffff;

export interface Window {
  requests: number;
  bytes: number;
}

/** A server stops reading at a thousand requests; and a ping must not wait behind more than some MiB. */
export const DEFAULT_WINDOW: Window = { requests: 1_000, bytes: 4 * 1024 * 1024 };

/** How many requests a new connection carries at once, and the fewest that a slow one does. */
const FIRST_REQUESTS = 100;
const FEWEST_REQUESTS = 10;

/** Why requests are failed before the server has answered. */
export type Failure = (request: PendingRequest, outcome: Outcome) => ZooKeeperError;

/**
 * The requests of a session in the order of the calls: first those that were given to the connection and wait for
 * their answer, then those that wait for room in the window, or for a connection. A request is encoded once, when it
 * is made.
 *
 * How large replies will be nobody knows beforehand, and a ping is answered behind all of them: a thousand reads of
 * 64 KiB over a slow line would outlast the lease. So the window opens by one with every answer that came within 1/12
 * of the session timeout, and closes by one with every answer that took longer than 1/6.
 */
export class Pipeline {
  /** The writer of all packets, also of the session's own (ping, auth, watches), which do not count in the window. */
  readonly writer = new PacketWriter();
  #inFlight = new Fifo<PendingRequest>();
  #waiting = new Fifo<PendingRequest>();
  #bytes = 0;
  /** The number of requests in flight, at the end, that are encoded but not written to the socket yet. */
  #unwritten = 0;
  #xid: number;
  readonly #window: Window;
  #allowed: number;
  #timeoutMs = Infinity;
  readonly #sizes = new RequestSizes();
  /** True: nothing else is sent until the requests in flight are answered. */
  #isAlone = false;

  constructor(window: Window, firstXid = 1) {
    this.#window = window;
    this.#xid = firstXid - 1;
    this.#allowed = Math.min(FIRST_REQUESTS, window.requests);
  }

  /** On a new connection, with the session timeout that the server granted. */
  restart(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#allowed = Math.min(FIRST_REQUESTS, this.#window.requests);
    this.#sizes.begin();
  }

  get idle(): boolean {
    return this.#inFlight.length === 0 && this.#waiting.length === 0;
  }

  /** Takes a request in; `hold`: there is no connection, it waits. Its promise is the caller's. */
  add<Args, Result>(call: Call<Args, Result>, hold: boolean, nowMs: number): Promise<Result> {
    const xid = this.#xid === LAST_XID ? 1 : this.#xid + 1;
    const { writer } = this;
    let bytes: number;
    try {
      writer.begin();
      writer.int(xid);
      writer.int(call.type.opcode);
      call.type.encode(writer, call.args);
      bytes = writer.end();
      if (this.#sizes.isRefused(bytes)) throw new ServerLimitError(bytes);
    } catch (error) {
      writer.cancel();
      return Promise.reject(refusal(call as Call<unknown, unknown>, error));
    }
    this.#xid = xid;
    return new Promise<Result>((resolve, reject) => {
      const request = new PendingRequest(xid, call, resolve, reject);
      request.bytes = bytes;
      if (hold || this.#waiting.length > 0 || !this.#hasRoomFor(bytes)) {
        request.packet = writer.detach();
        this.#waiting.push(request);
      } else this.#admit(request, nowMs);
    });
  }

  /** Gives as many waiting requests to the connection as the window allows. Returns whether any went. */
  fill(nowMs: number): boolean {
    let went = false;
    for (;;) {
      const request = this.#waiting.peek();
      if (request === undefined || !this.#hasRoomFor(request.bytes)) break;
      this.#waiting.shift();
      if (request.packet !== null) this.writer.append(request.packet);
      request.packet = null;
      this.#admit(request, nowMs);
      went = true;
    }
    return went;
  }

  /** The requests to write now; from here on their outcome depends on the server. */
  takeOutput(): Buffer[] {
    this.#unwritten = 0;
    return this.writer.take();
  }

  /** The request that the server has to answer next. */
  next(): PendingRequest | undefined {
    return this.#inFlight.peek();
  }

  answered(nowMs: number): void {
    const request = this.#inFlight.shift();
    if (request === undefined) return;
    this.#bytes -= request.bytes;
    this.#isAlone = false;
    this.#sizes.answered(request.bytes);
    const tookMs = nowMs - request.sentMs;
    if (tookMs < this.#timeoutMs / 12) this.#allowed = Math.min(this.#allowed + 1, this.#window.requests);
    else if (tookMs > this.#timeoutMs / 6 && this.#allowed > FEWEST_REQUESTS) this.#allowed--;
  }

  /**
   * Fails everything, in order. Requests that were never written are surely not applied. `closed`: the server ended the
   * connection, perhaps because it accepts no request of this size.
   */
  failAll(failure: Failure, closed = false): void {
    const inFlight = this.#inFlight.drain();
    const waiting = this.#waiting.drain();
    const written = inFlight.length - this.#unwritten;
    this.#bytes = 0;
    this.#unwritten = 0;
    this.#isAlone = false;
    this.writer.take();
    let tooLarge = -1;
    if (closed) tooLarge = this.#sizes.closed(inFlight.slice(0, written).map(({ bytes }) => bytes));
    else this.#sizes.lost();
    inFlight.forEach((request, i) => {
      const outcome = i < written ? 'unknown' : 'not-applied';
      request.reject(i === tooLarge ? tooLargeForServer(request, request.bytes, outcome) : failure(request, outcome));
    });
    for (const request of waiting) request.reject(failure(request, 'not-applied'));
  }

  #admit(request: PendingRequest, nowMs: number): void {
    request.sentMs = nowMs;
    this.#isAlone = this.#sizes.mustGoAlone(request.bytes);
    this.#bytes += request.bytes;
    this.#unwritten++;
    this.#inFlight.push(request);
  }

  /** A request larger than the free part of the window may go alone, since otherwise it would never go. */
  #hasRoomFor(bytes: number): boolean {
    if (this.#isAlone || this.#inFlight.length >= this.#allowed || this.#bytes >= this.#window.bytes) return false;
    return this.#inFlight.length === 0 || !this.#sizes.mustGoAlone(bytes);
  }
}

/** The server has closed connections on requests of this size before. */
class ServerLimitError extends Error {
  override readonly name = 'ServerLimitError';
  readonly bytes: number;
  constructor(bytes: number) {
    super(`${bytes} bytes`);
    this.bytes = bytes;
  }
}

function refusal(call: Call<unknown, unknown>, error: unknown): ZooKeeperError {
  if (error instanceof ServerLimitError) return tooLargeForServer(call, error.bytes, 'not-applied');
  const tooLarge = error instanceof PacketTooLargeError;
  return new ZooKeeperError({
    code: tooLarge ? 'REQUEST_TOO_LARGE' : 'BAD_ARGUMENTS',
    op: call.type.name,
    ...(call.path === undefined ? {} : { path: call.path }),
    outcome: 'not-applied',
    message: tooLarge
      ? 'a server accepts at most 1,048,575 bytes; make the data or the transaction smaller'
      : messageOf(error),
    cause: error,
  });
}

function tooLargeForServer(
  { type, path }: Pick<PendingRequest, 'type' | 'path'>,
  requestBytes: number,
  outcome: Outcome,
): ZooKeeperError {
  return new ZooKeeperError({
    code: 'REQUEST_TOO_LARGE',
    op: type.name,
    ...(path === undefined ? {} : { path }),
    outcome,
    requestBytes,
    message:
      `the server closes the connection on a request of ${requestBytes} bytes; make it smaller, or raise ` +
      'jute.maxbuffer on every server',
  });
}
