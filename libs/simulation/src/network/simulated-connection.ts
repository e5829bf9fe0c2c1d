import type { Runtime } from '@drover/runtime';
import { Frames, type Address, type Connection, type ConnectionListener } from '@drover/zookeeper';
import type { ClientEnd, ServerConnection } from '../server/server-connection.js';

export type Way = 'toServer' | 'toClient';

/** The network between a process and the servers. It may change at any time. */
export interface Link {
  readonly owner: string;
  /** Drawn anew for each message. */
  delayMs(): number;
  /** Whether this way is a black hole: messages wait until it is over, and neither end is told. */
  isBlocked(way: Way): boolean;
  /** Whether this packet to the client breaks off in the middle, and the connection with it. */
  tears(): boolean;
  /** Data arrives at the process: calls `happen` as soon as the process runs. */
  arrive(happen: () => void): void;
  /** The connection will never carry anything again. */
  ended(connection: SimulatedConnection): void;
}

const HEADER_BYTES = 4;

/**
 * The client's end of a simulated connection: what its socket would be. Messages keep their order in each direction;
 * cutting it loses what is on its way, in either direction.
 */
export class SimulatedConnection implements Connection, ClientEnd {
  readonly address: Address;
  readonly frames = new Frames();
  listener: ConnectionListener;
  readonly #runtime: Runtime;
  readonly #link: Link;
  #server: ServerConnection | null = null;
  #isGone = false;
  /** Nothing that is on its way arrives any more. */
  #isSevered = false;
  readonly #lastMs = { toServer: 0, toClient: 0 };
  /** The messages that arrive together at `#lastMs`. */
  readonly #onItsWay: Record<Way, (() => void)[]> = { toServer: [], toClient: [] };
  readonly #blocked: Record<Way, (() => void)[]> = { toServer: [], toClient: [] };

  constructor(runtime: Runtime, link: Link, address: Address, listener: ConnectionListener) {
    this.#runtime = runtime;
    this.#link = link;
    this.address = address;
    this.listener = listener;
  }

  get owner(): string {
    return this.#link.owner;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** `accept` makes the server's end; `null`: the connection is refused. */
  open(accept: (client: ClientEnd) => ServerConnection | null): void {
    this.#send('toServer', () => {
      const server = accept(this);
      this.#server = server;
      this.#toClient(() => {
        if (server === null) this.#lose(new Error('connection refused'));
        else this.listener.opened();
      });
    });
  }

  write(packets: readonly Buffer[]): void {
    if (this.#isGone) return;
    for (const bytes of packets)
      for (const packet of cut(bytes)) this.#send('toServer', () => this.#server?.receive(packet));
  }

  deliver(packets: Buffer): void {
    this.#toClient(() => {
      const isTorn = this.#link.tears();
      this.frames.push(isTorn ? packets.subarray(0, packets.length >> 1) : packets);
      this.listener.received();
      if (isTorn) this.#lose(new Error('the connection was reset in the middle of a packet'));
    });
  }

  closed(): void {
    this.#toClient(() => this.#lose(new Error('the server closed the connection')));
  }

  /** The network resets the connection: both ends notice, and messages on their way are lost. */
  cut(): void {
    this.#sever();
    this.#link.arrive(() => {
      if (this.#isGone) return;
      this.#isGone = true;
      this.listener.lost(new Error('the connection was reset'));
    });
  }

  destroy(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    // Data that was written before its socket is destroyed is often still delivered: all of it, a part, or nothing.
    const share = this.#runtime.random() * 1.5;
    const leftMs = this.#lastMs.toServer - this.#runtime.monotonic();
    if (share < 1) this.#runtime.after(Math.max(leftMs, 0) * Math.max(0, 2 * share - 1), () => this.#sever());
    else
      this.#send('toServer', () => {
        this.#server?.cut();
        this.#link.ended(this);
      });
  }

  /** A black hole is over: the messages that TCP held back are carried now, before any later ones. */
  unblock(): void {
    for (const way of ['toServer', 'toClient'] as const) {
      if (this.#blocked[way].length > 0) this.#runtime.after(0, () => this.#carryBlocked(way));
    }
  }

  #carryBlocked(way: Way): void {
    if (this.#link.isBlocked(way)) return;
    const blocked = this.#blocked[way];
    this.#blocked[way] = [];
    for (const deliver of blocked) this.#arrive(way, deliver);
  }

  #sever(): void {
    if (this.#isSevered) return;
    this.#isSevered = true;
    this.#link.ended(this);
    const server = this.#server;
    if (server !== null) this.#runtime.after(this.#link.delayMs(), () => server.cut());
  }

  #lose(reason: Error): void {
    if (this.#isGone) return;
    this.destroy();
    this.listener.lost(reason);
  }

  #toClient(happen: () => void): void {
    this.#send('toClient', () => {
      this.#link.arrive(() => {
        if (!this.#isGone) happen();
      });
    });
  }

  #send(way: Way, deliver: () => void): void {
    const nowMs = this.#runtime.monotonic();
    const arrival = nowMs + this.#link.delayMs();
    // A message that would overtake the one before it arrives together with that one.
    if (arrival <= this.#lastMs[way] && this.#lastMs[way] > nowMs) {
      this.#onItsWay[way].push(deliver);
      return;
    }
    const piece = [deliver];
    this.#onItsWay[way] = piece;
    this.#lastMs[way] = arrival;
    this.#runtime.after(arrival - nowMs, () => {
      for (const one of piece) this.#arrive(way, one);
    });
  }

  #arrive(way: Way, deliver: () => void): void {
    if (this.#isSevered) return;
    if (this.#link.isBlocked(way) || this.#blocked[way].length > 0) this.#blocked[way].push(deliver);
    else deliver();
  }
}

/** Several packets may lie in one buffer, each behind its length; none spans two. */
function* cut(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = at + HEADER_BYTES + bytes.readInt32BE(at);
    yield bytes.subarray(at + HEADER_BYTES, end);
    at = end;
  }
}
