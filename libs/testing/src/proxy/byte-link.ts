import { connect, type Socket } from 'node:net';
import type { ProxyTarget } from './byte-proxy.js';
import type { BlackHole } from './faults.js';
import { HalfLink } from './half-link.js';

/** One connection through a `ByteProxy`. The server hears of it when both directions were open at the same time. */
export class ByteLink {
  readonly #client: Socket;
  readonly #target: ProxyTarget;
  readonly #onGone: () => void;
  readonly #toClient: HalfLink;
  #server: Socket | undefined;
  #toServer: HalfLink | undefined;
  /** Bytes of the client that are held back: before the server is connected, or until the opening can be rewritten. */
  #early = Buffer.alloc(0);
  #opened: boolean;

  constructor(client: Socket, target: ProxyTarget, onGone: () => void) {
    this.#client = client;
    this.#target = target;
    this.#onGone = onGone;
    this.#opened = target.opening === undefined;
    this.#toClient = new HalfLink(client);
    client.on('data', (bytes: Buffer) => this.#fromClient(bytes));
    // An error is followed by `close`.
    client.on('error', () => undefined);
    client.on('close', () => this.#clientGone());
  }

  blackHole(kind: BlackHole): void {
    if (kind === 'none' && this.#server === undefined && !this.#client.destroyed) this.#connect();
    if (kind === 'both' || kind === 'to-server') this.#toServer?.hold();
    else this.#toServer?.release();
    if (kind === 'both' || kind === 'to-client') this.#toClient.hold();
    else this.#toClient.release();
  }

  destroy(): void {
    this.#client.destroy();
    this.#server?.destroy();
  }

  #connect(): void {
    const server = connect({ host: this.#target.host, port: this.#target.port, noDelay: true });
    this.#server = server;
    this.#toServer = new HalfLink(server);
    server.on('data', (bytes: Buffer) => this.#toClient.push(bytes));
    server.on('error', () => undefined);
    server.on('close', () => {
      this.#toClient.end();
      if (this.#client.closed) this.#onGone();
    });
    this.#fromClient(Buffer.alloc(0));
  }

  #fromClient(bytes: Buffer): void {
    if (this.#toServer !== undefined && this.#opened && this.#early.length === 0) {
      this.#toServer.push(bytes);
      return;
    }
    this.#early = Buffer.concat([this.#early, bytes]);
    if (this.#toServer === undefined) return;
    const onward = this.#opened ? this.#early : this.#target.opening?.(this.#early);
    if (onward === undefined) return;
    this.#opened = true;
    this.#early = Buffer.alloc(0);
    this.#toServer.push(onward);
  }

  #clientGone(): void {
    this.#toServer?.end();
    if (this.#server === undefined || this.#server.closed) this.#onGone();
  }
}
