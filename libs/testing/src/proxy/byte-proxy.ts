import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ByteLink } from './byte-link.js';
import type { BlackHole } from './faults.js';

/** The target of connections. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
  /**
   * Sees what a client has sent since it connected, until it answers with what goes on in its place; `undefined`: more
   * bytes are needed.
   */
  readonly opening?: (bytes: Buffer) => Buffer | undefined;
}

/**
 * A TCP proxy that knows nothing of what passes and whose directions can be black holes, each by itself. What a black
 * hole swallowed is delivered when it heals, as TCP's retransmission would. A connection that is made meanwhile is
 * accepted and hears nothing; the server hears of it after the healing, if the client is still there.
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
