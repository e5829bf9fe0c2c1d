import type { Runtime } from '@drover/runtime';
import { Frames, type Address, type Connection, type ConnectionListener } from '@drover/zookeeper';
import type { ClientEnd, ServerConnection } from '../server/server-connection.js';

/** What a link does with what is sent over it. Drawn anew for each message. */
export interface Link {
  delayMs(): number;
  /** Nothing gets through, and nobody is told: both ways, or one. */
  drops: { toServer: boolean; toClient: boolean };
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
  readonly #ended: (connection: SimulatedConnection) => void;
  #server: ServerConnection | null = null;
  #gone = false;
  #lastMs = { toServer: 0, toClient: 0 };

  constructor(
    runtime: Runtime,
    link: Link,
    address: Address,
    listener: ConnectionListener,
    ended: (connection: SimulatedConnection) => void,
  ) {
    this.#runtime = runtime;
    this.#link = link;
    this.address = address;
    this.listener = listener;
    this.#ended = ended;
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /** `accept` makes the server's end; `null`: the connection is refused. */
  open(accept: (client: ClientEnd) => ServerConnection | null): void {
    this.#send('toServer', () => {
      const server = accept(this);
      this.#server = server;
      this.#send('toClient', () => {
        if (server === null) this.#lose(new Error('connection refused'));
        else this.listener.opened();
      });
    });
  }

  write(packets: readonly Buffer[]): void {
    if (this.#gone) return;
    for (const bytes of packets) {
      for (const packet of cut(bytes)) {
        this.#send('toServer', () => {
          this.#server?.receive(packet);
        });
      }
    }
  }

  deliver(packets: Buffer): void {
    this.#send('toClient', () => {
      this.frames.push(packets);
      this.listener.received();
    });
  }

  closed(): void {
    this.#send('toClient', () => {
      this.#lose(new Error('the server closed the connection'));
    });
  }

  /** The network loses it: both ends notice at once, what was on its way is gone. */
  cut(): void {
    this.#lose(new Error('the connection was reset'));
  }

  destroy(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#ended(this);
    // Written before a socket is destroyed is often, not always, delivered: the order of chance decides.
    const server = this.#server;
    if (server !== null && !this.#link.drops.toServer) this.#runtime.after(this.#link.delayMs(), () => server.cut());
  }

  #lose(reason: Error): void {
    if (this.#gone) return;
    this.destroy();
    this.listener.lost(reason);
  }

  #send(way: 'toServer' | 'toClient', deliver: () => void): void {
    const arrival = Math.max(this.#runtime.monotonic() + this.#link.delayMs(), this.#lastMs[way]);
    this.#lastMs[way] = arrival;
    if (this.#link.drops[way]) return;
    this.#runtime.after(arrival - this.#runtime.monotonic(), () => {
      if (!this.#gone) deliver();
    });
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
