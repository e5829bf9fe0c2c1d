import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { BlackHole, Verdict } from './faults.js';
import { Link } from './link.js';
import { credentialsOf, type ProxyFrame, type SessionCredentials } from './proxy-frame.js';

export type FrameFilter = (frame: ProxyFrame) => boolean;
export type FrameRule = (frame: ProxyFrame) => Verdict;

/**
 * A TCP proxy between ZooKeeper clients and one server that can be told to misbehave. It knows frames, so faults can be
 * aimed at "the reply to the next create". Clients connect to `address`.
 *
 * A black hole acts like a partition: connections stay open, new ones are accepted but receive nothing, and bytes that
 * were sent meanwhile are delivered when it heals, as TCP would retransmit them.
 */
export class FaultProxy {
  /** Every frame that came by, the newest last, without its bytes' content being kept: see `observe` for those. */
  readonly seen: Omit<ProxyFrame, 'bytes'>[] = [];
  /** One for each handshake that the server accepted. */
  readonly sessions: SessionCredentials[] = [];
  readonly #target: { host: string; port: number };
  readonly #server: Server;
  readonly #links = new Set<Link>();
  /** Their client has gone; the server has not heard of it yet (a black hole hides it). */
  readonly #halfOpen = new Set<Link>();
  readonly #observers = new Set<(frame: ProxyFrame) => void>();
  readonly #rules: FrameRule[] = [];
  readonly #acceptWakers: (() => void)[] = [];
  #accepted = 0;
  #blackHole: BlackHole = 'none';
  #mute = false;
  #delayMs = 0;
  #pieceSize: (() => number) | null = null;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on a free port of 127.0.0.1. `target`: `host:port`. */
  static async start(target: string): Promise<FaultProxy> {
    const colon = target.lastIndexOf(':');
    const proxy = new FaultProxy({ host: target.slice(0, colon), port: Number(target.slice(colon + 1)) });
    await proxy.#listen(0);
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.#lastPort;
  }
  #lastPort = 0;

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How many connections clients have made so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Resolves when clients have made so many. */
  async accepts(count: number): Promise<void> {
    while (this.#accepted < count) await new Promise<void>((resolve) => this.#acceptWakers.push(resolve));
  }

  /** How many of them are open. */
  get open(): number {
    return this.#links.size;
  }

  blackHole(kind: BlackHole): void {
    this.#blackHole = kind;
    for (const link of [...this.#links, ...this.#halfOpen]) link.blackHole(kind);
  }

  /** The connections there are stay as they are; those to come are accepted and hear nothing, ever. */
  muteNewConnections(mute: boolean): void {
    this.#mute = mute;
  }

  /** Delays each frame, in both directions. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
    for (const link of this.#links) link.delay(delayMs);
  }

  /** Replies arrive in pieces of the size that `pieceSize` gives, one a turn of the event loop; `null`: whole. */
  replyInPieces(pieceSize: (() => number) | null): void {
    this.#pieceSize = pieceSize;
    for (const link of this.#links) link.replyInPieces(pieceSize);
  }

  /** Closes all connections: in order (FIN), or at once (RST). Clients may connect again. */
  cut(how: 'end' | 'reset' = 'reset'): void {
    for (const link of [...this.#links, ...this.#halfOpen]) link.cut(how);
  }

  /** Cuts everything and refuses connections until `listenAgain`. */
  async refuse(): Promise<void> {
    this.#lastPort = this.port;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  async listenAgain(): Promise<void> {
    await this.#listen(this.#lastPort);
  }

  /** Asks `rule` about every frame until the returned function is called; the first verdict but `pass` counts. */
  addRule(rule: FrameRule): () => void {
    this.#rules.push(rule);
    return () => {
      const at = this.#rules.indexOf(rule);
      if (at >= 0) this.#rules.splice(at, 1);
    };
  }

  /** Applies `rule` to the next frame that passes `filter`; resolves with that frame once it was applied. */
  once(filter: FrameFilter, rule: FrameRule = () => 'pass'): Promise<ProxyFrame> {
    return new Promise((resolve) => {
      const remove = this.addRule((frame) => {
        if (!filter(frame)) return 'pass';
        remove();
        resolve(frame);
        return rule(frame);
      });
    });
  }

  /** Shows every frame, bytes included, as it comes in. */
  observe(observer: (frame: ProxyFrame) => void): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  /** How many of the frames seen pass `filter`. */
  count(filter: (frame: Omit<ProxyFrame, 'bytes'>) => boolean): number {
    return this.seen.filter(filter).length;
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.refuse();
    else this.cut();
  }

  async #listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    const link = new Link(++this.#accepted, socket, this.#mute ? null : this.#target, (frame) => this.#judge(frame));
    this.#links.add(link);
    socket.once('close', () => {
      this.#links.delete(link);
      if (!link.serverOpen) return;
      this.#halfOpen.add(link);
      link.onServerClosed(() => this.#halfOpen.delete(link));
    });
    link.delay(this.#delayMs);
    link.replyInPieces(this.#pieceSize);
    link.blackHole(this.#blackHole);
    for (const wake of this.#acceptWakers.splice(0)) wake();
  }

  #judge(frame: ProxyFrame): Verdict {
    const { bytes: _bytes, ...kept } = frame;
    this.seen.push(kept);
    for (const observer of this.#observers) observer(frame);
    if (frame.direction === 'reply' && frame.op === 'connect') {
      const credentials = credentialsOf(frame);
      if (credentials !== null) this.sessions.push(credentials);
    }
    for (const rule of [...this.#rules]) {
      const verdict = rule(frame);
      if (verdict !== 'pass') return verdict;
    }
    return 'pass';
  }
}
