import type { Runtime, Timer } from '@drover/runtime';
import type { Connection, ConnectionListener } from './connection.js';
import { heartbeat, leaseEndMs } from './lease.js';
import type { Pipeline } from './pipeline.js';
import type { Replies } from './replies.js';
import { OPCODE, XID } from './wire/opcodes.js';

/**
 * The present connection of a session, if it has one: it writes requests and pings, and keeps the lease, which answers
 * renew. It decides nothing about the session; when the lease has run out it says so, once.
 */
export class Link {
  readonly #runtime: Runtime;
  readonly #pipeline: Pipeline;
  readonly #replies: Replies;
  readonly #leaseRanOut: () => void;
  #connection: Connection | null = null;
  #timeoutMs = 0;
  #lastSentMs = 0;
  #timer: Timer | undefined;
  #flushing = false;

  constructor(runtime: Runtime, pipeline: Pipeline, replies: Replies, leaseRanOut: () => void) {
    this.#runtime = runtime;
    this.#pipeline = pipeline;
    this.#replies = replies;
    this.#leaseRanOut = leaseRanOut;
  }

  get connection(): Connection | null {
    return this.#connection;
  }

  /** A connection whose handshake was sent at `sentMs`. */
  begin(connection: Connection, listener: ConnectionListener, sentMs: number, timeoutMs: number): void {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#lastSentMs = sentMs;
    connection.listener = listener;
    this.#replies.begin(connection, sentMs);
  }

  /** Drops it. Nothing more is sent or received. */
  end(): void {
    this.#timer?.cancel();
    this.#connection?.destroy();
    this.#connection = null;
  }

  /** The end of the lease, by the monotonic clock. A lease does not end with its connection. */
  leaseEndMs(): number {
    return leaseEndMs(this.#replies.answeredSentMs, this.#timeoutMs);
  }

  /** Writes the packets of this turn of the event loop, all at once. */
  flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#runtime.soon(() => {
      this.#flushing = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#connection === null || this.#pipeline.writer.isEmpty) return;
    const nowMs = this.#runtime.monotonic();
    // The turn may have taken longer than the lease: then its packets must not be sent any more.
    if (nowMs >= this.leaseEndMs()) {
      if (this.#replies.behind) this.flushSoon();
      else this.#leaseRanOut();
      return;
    }
    this.#lastSentMs = nowMs;
    this.#connection.write(this.#pipeline.takeOutput());
  }

  /** Decides whether to ping now, and when to decide again. `inputSeen`: all received data has been handled. */
  beat(inputSeen = false): void {
    if (this.#connection === null) return;
    const nowMs = this.#runtime.monotonic();
    const next = heartbeat({
      nowMs,
      timeoutMs: this.#timeoutMs,
      answeredSentMs: this.#replies.answeredSentMs,
      lastSentMs: this.#lastSentMs,
      pingOutstanding: this.#replies.pingSentMs !== null,
    });
    if (next.act === 'drop') {
      // After a stall timers come before sockets: the answers that renew the lease may be here already.
      if (inputSeen && !this.#replies.behind) this.#leaseRanOut();
      else this.#runtime.soon(() => this.beat(true));
      return;
    }
    this.#timer?.cancel();
    this.#timer = this.#runtime.after(next.nextMs, () => this.beat());
    if (next.act === 'ping') this.#ping(nowMs);
  }

  #ping(nowMs: number): void {
    const { writer } = this.#pipeline;
    writer.begin();
    writer.int(XID.ping);
    writer.int(OPCODE.ping);
    writer.end();
    this.#replies.pingSentMs = nowMs;
    this.flush();
  }
}
