import { connect, type Socket } from 'node:net';
import type { BlackHole, Verdict } from './faults.js';
import { FrameSplitter } from './frame-splitter.js';
import { HalfLink } from './half-link.js';
import { FrameReader, type ProxyFrame } from './proxy-frame.js';

/** One proxied connection: a client's socket, and the server's unless the link is mute. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket | null;
  readonly #toClient: HalfLink;
  readonly #toServer: HalfLink | null;
  readonly #reader: FrameReader;
  readonly #judge: (frame: ProxyFrame) => Verdict;
  /** The direction that ended within a frame. */
  #cutWithinOf: HalfLink | null = null;

  constructor(
    number: number,
    client: Socket,
    target: { host: string; port: number } | null,
    judge: (frame: ProxyFrame) => Verdict,
  ) {
    this.#client = client;
    this.#reader = new FrameReader(number);
    this.#judge = judge;
    this.#toClient = new HalfLink(client);
    client.setNoDelay();
    if (target === null) {
      this.#server = null;
      this.#toServer = null;
      client.resume();
      client.on('error', () => undefined);
      return;
    }
    this.#server = connect({ ...target, noDelay: true });
    this.#toServer = new HalfLink(this.#server);
    this.#pump(client, this.#toServer, (bytes) => this.#reader.request(bytes));
    this.#pump(this.#server, this.#toClient, (bytes) => this.#reader.reply(bytes));
  }

  get serverOpen(): boolean {
    return this.#server?.closed === false;
  }

  onServerClosed(listener: () => void): void {
    this.#server?.once('close', listener);
  }

  blackHole(kind: BlackHole): void {
    if (kind === 'both' || kind === 'to-server') this.#toServer?.hold();
    else this.#toServer?.release();
    if (kind === 'both' || kind === 'to-client') this.#toClient.hold();
    else this.#toClient.release();
  }

  delay(delayMs: number): void {
    this.#toClient.delayMs = delayMs;
    if (this.#toServer !== null) this.#toServer.delayMs = delayMs;
  }

  replyInPieces(pieceSize: (() => number) | null): void {
    this.#toClient.pieceSize = pieceSize;
  }

  cut(how: 'end' | 'reset'): void {
    for (const socket of [this.#client, this.#server]) {
      if (socket === null) continue;
      if (how === 'end') socket.end();
      // Node leaks the handle, and spins on it, when a socket is reset while its end is under way.
      else if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  #pump(from: Socket, to: HalfLink, read: (bytes: Buffer) => ProxyFrame): void {
    const splitter = new FrameSplitter();
    from.on('data', (chunk: Buffer) => {
      for (const bytes of splitter.push(chunk)) this.#forward(read(bytes), to);
    });
    // An error is followed by `close`; a partition hides both from the other side (see HalfLink.end).
    from.on('error', () => undefined);
    from.on('close', () => to.end());
  }

  #forward(frame: ProxyFrame, to: HalfLink): void {
    // After half a frame nothing may follow: it would be read as the other half.
    if (this.#cutWithinOf === to) return;
    const verdict = this.#judge(frame);
    if (verdict === 'drop') return;
    if (verdict === 'pass') to.push(frame.bytes);
    else if (verdict === 'cut-within') this.#cutWithin(frame, to);
    else to.push(verdict);
  }

  #cutWithin(frame: ProxyFrame, to: HalfLink): void {
    this.#cutWithinOf = to;
    to.push(frame.bytes.subarray(0, Math.ceil(frame.bytes.length / 2)));
    // Later, so that the half frame is on its way: a reset discards what the kernel still holds.
    setTimeout(() => this.cut('reset'), 20);
  }
}
