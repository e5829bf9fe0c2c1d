import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ByteLink } from './byte-link.js';
import type { BlackHole } from './faults.js';

/** The target of connections. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
  /**
   * Called with all bytes that a client has sent since it connected, until it returns the bytes that are sent on in
   * their place; `undefined`: more bytes are needed.
   */
  readonly opening?: (bytes: Buffer) => Buffer | undefined;
}

/**
 * A TCP proxy that does not look at the bytes, and each direction of which can become a black hole. Bytes that were
 * sent into a black hole are delivered when it heals, as TCP would retransmit them. A connection that is made meanwhile
 * is accepted and receives nothing; the proxy connects to the server after the healing, if the client is still there.
 */
export class ByteProxy {
  readonly #target: ProxyTarget;
  readonly #server: Server;
  readonly #links = new Set<ByteLink>();
  #blackHole: BlackHole = 'none';

  private constructor(target: ProxyTarget) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Listens at 127.0.0.1, on a free port. */
  static async start(target: ProxyTarget): Promise<ByteProxy> {
    const proxy = new ByteProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  blackHole(kind: BlackHole): void {
    this.#blackHole = kind;
    for (const link of this.#links) link.blackHole(kind);
  }

  /** Ends every connection and listens no more. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const link of this.#links) link.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    const link = new ByteLink(client, this.#target, () => this.#links.delete(link));
    this.#links.add(link);
    link.blackHole(this.#blackHole);
  }
}
