import { ZooKeeperError, type Outcome } from '../errors.js';
import { Fifo } from './fifo.js';
import { PendingRequest, type Call } from './request.js';
import { PacketTooLargeError, PacketWriter } from './wire/writer.js';

const LAST_XID = 0x7fff_ffff;

export interface Window {
  requests: number;
  bytes: number;
}

/** Above a thousand a server stops reading anyway; and a ping must not wait behind more than some MiB. */
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
  /** Also for the session's own packets (ping, auth, watches), which pass by the window. */
  readonly writer = new PacketWriter();
  #inFlight = new Fifo<PendingRequest>();
  #waiting = new Fifo<PendingRequest>();
  #bytes = 0;
  /** How many of those in flight, the last ones, have been encoded but not written to the socket. */
  #unwritten = 0;
  #xid: number;
  readonly #window: Window;
  #allowed: number;
  #timeoutMs = Infinity;

  constructor(window: Window, firstXid = 1) {
    this.#window = window;
    this.#xid = firstXid - 1;
    this.#allowed = Math.min(FIRST_REQUESTS, window.requests);
  }

  /** On a new connection, with the session timeout that the server granted. */
  restart(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#allowed = Math.min(FIRST_REQUESTS, this.#window.requests);
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
    } catch (error) {
      writer.cancel();
      return Promise.reject(refusal(call, error));
    }
    this.#xid = xid;
    return new Promise<Result>((resolve, reject) => {
      const request = new PendingRequest(xid, call, resolve, reject);
      request.bytes = bytes;
      if (hold || this.#waiting.length > 0 || !this.#hasRoom()) {
        request.packet = writer.detach();
        this.#waiting.push(request);
      } else this.#admit(request, nowMs);
    });
  }

  /** Gives as many waiting requests to the connection as the window allows. Returns whether any went. */
  fill(nowMs: number): boolean {
    let went = false;
    while (this.#hasRoom()) {
      const request = this.#waiting.shift();
      if (request === undefined) break;
      if (request.packet !== null) this.writer.append(request.packet);
      request.packet = null;
      this.#admit(request, nowMs);
      went = true;
    }
    return went;
  }

  /** What is to be written now; from here on the outcome of these requests depends on the server. */
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
    const tookMs = nowMs - request.sentMs;
    if (tookMs < this.#timeoutMs / 12) this.#allowed = Math.min(this.#allowed + 1, this.#window.requests);
    else if (tookMs > this.#timeoutMs / 6 && this.#allowed > FEWEST_REQUESTS) this.#allowed--;
  }

  /** Fails everything, in order. What was never written is surely not applied. */
  failAll(failure: Failure): void {
    const inFlight = this.#inFlight.drain();
    const waiting = this.#waiting.drain();
    const written = inFlight.length - this.#unwritten;
    this.#bytes = 0;
    this.#unwritten = 0;
    this.writer.take();
    inFlight.forEach((request, i) => request.reject(failure(request, i < written ? 'unknown' : 'not-applied')));
    for (const request of waiting) request.reject(failure(request, 'not-applied'));
  }

  #admit(request: PendingRequest, nowMs: number): void {
    request.sentMs = nowMs;
    this.#bytes += request.bytes;
    this.#unwritten++;
    this.#inFlight.push(request);
  }

  /** A request larger than what is free may go alone: it must go some time. */
  #hasRoom(): boolean {
    return this.#inFlight.length < this.#allowed && this.#bytes < this.#window.bytes;
  }
}

function refusal<Args, Result>(call: Call<Args, Result>, error: unknown): ZooKeeperError {
  const tooLarge = error instanceof PacketTooLargeError;
  return new ZooKeeperError({
    code: tooLarge ? 'REQUEST_TOO_LARGE' : 'BAD_ARGUMENTS',
    op: call.type.name,
    ...(call.path === undefined ? {} : { path: call.path }),
    outcome: 'not-applied',
    message: tooLarge ? 'a server accepts 1,048,575 bytes; make the data or the multi smaller' : String(error),
    cause: error,
  });
}
