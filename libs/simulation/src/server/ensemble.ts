import type { Runtime, Timer } from '@drover/runtime';
import type { WatchKind } from './watch-table.js';
import { Authority, type Committed, type Faulty } from './authority.js';
import { ServerConnection, type ClientEnd } from './server-connection.js';
import { SimulatedServer } from './simulated-server.js';

export interface EnsembleFaulty extends Faulty {
  /** Kinds of watches that the server does not set again when a client reconnects. */
  forgets?: readonly WatchKind[];
  /** A directory that was listed before is listed as it was when the connection broke, once after each reconnect. */
  listsOld?: boolean;
  /** Listings leave out znodes with such data. */
  hides?: (data: Buffer) => boolean;
  /** A session that reads a znode is shown this instead of its data. */
  shows?: (path: string, data: Buffer, sessionId: bigint) => Buffer;
}

export interface EnsembleOptions {
  /** Default 1. */
  servers?: number;
  /** Sessions are looked after every tick; timeouts are granted between 2 and 20 of them. Default 500. */
  tickMs?: number;
  /** How long a write takes to a majority's disks, and how far a server may lag behind, in ms. */
  delays?: { quorumMs: readonly [number, number]; lagMs: readonly [number, number] };
  /** Makes the password of a new session; default: random bytes. */
  password?: () => Buffer;
  /** Told of each entry of the log as it is decided, before any server knows of it. */
  committed?: (entry: Committed) => void;
  /** A defect of the servers, to test whether a rule notices it. */
  faulty?: EnsembleFaulty;
  runtime: Runtime;
}

/**
 * Servers that share one order of writes. `server(n)` can be crashed and restarted; `cutOff` separates one from the
 * rest.
 */
export class Ensemble {
  readonly authority: Authority;
  readonly servers: readonly SimulatedServer[];
  readonly password: (() => Buffer) | undefined;
  readonly faulty: EnsembleFaulty;
  /** By session: the children of the directories that it had listed, as they were when its connection broke. */
  readonly oldListings = new Map<bigint, Map<string, readonly string[]>>();
  readonly #runtime: Runtime;
  readonly #tickMs: number;
  readonly #delays: { quorumMs: readonly [number, number]; lagMs: readonly [number, number] };
  readonly #ticks: Timer;
  readonly #cutOff = new Set<SimulatedServer>();
  /** The time at which the last message of each server to the quorum arrives, so that the messages keep their order. */
  readonly #lastArrivalMs = new Map<SimulatedServer, number>();
  /** The last message of the quorum to each server: the number of entries in the log. */
  readonly #news = new Map<SimulatedServer, { arrivalMs: number; known: number }>();

  constructor({ servers = 1, tickMs = 500, delays, password, committed, faulty = {}, runtime }: EnsembleOptions) {
    this.#runtime = runtime;
    this.#tickMs = tickMs;
    this.#delays = delays ?? { quorumMs: [0.5, 2], lagMs: [0, 2] };
    this.password = password;
    this.faulty = faulty;
    this.servers = Array.from({ length: servers }, () => new SimulatedServer());
    const decided = (entry: Committed): void => {
      committed?.(entry);
      for (const server of this.servers) this.#follow(server);
    };
    this.authority = new Authority(runtime, decided, faulty);
    this.#ticks = runtime.every(tickMs, () => {
      for (const session of this.authority.expireSilent()) this.#cutSession(session);
    });
  }

  now(): number {
    return this.#runtime.monotonic();
  }

  grantedTimeoutMs(askedMs: number): number {
    return Math.min(Math.max(askedMs, 2 * this.#tickMs), 20 * this.#tickMs);
  }

  stop(): void {
    this.#ticks.cancel();
  }

  /** Ends a session as if the client had been silent for too long. */
  expire(sessionId: bigint): void {
    this.authority.closeSession(sessionId);
    this.#cutSession(sessionId);
  }

  /** `null`: the server does not run. */
  connect(index: number, client: ClientEnd): ServerConnection | null {
    const server = this.servers[index % this.servers.length];
    const isServing = server?.running === true && this.reachesQuorum(server);
    return isServing ? new ServerConnection(this, server, client) : null;
  }

  /** A session has one connection: the newest. */
  detachOthers(sessionId: bigint, keep: ServerConnection): void {
    for (const connection of this.#connectionsOf(sessionId)) if (connection !== keep) connection.cut();
  }

  /** Separates a server from the rest: it serves no clients. */
  cutOff(index: number): void {
    const server = this.#server(index);
    this.#cutOff.add(server);
    for (const connection of [...server.connections]) connection.cut();
  }

  rejoin(index: number): void {
    const server = this.#server(index);
    this.#cutOff.delete(server);
    this.#follow(server);
  }

  reachesQuorum(server: SimulatedServer): boolean {
    return !this.#cutOff.has(server);
  }

  /** Carries a write from a server to the quorum, in order. */
  forward(server: SimulatedServer, decide: () => void): void {
    if (!this.reachesQuorum(server)) return;
    const arrivalMs = Math.max(this.now() + this.#draw(this.#delays.quorumMs), this.#lastArrivalMs.get(server) ?? 0);
    this.#lastArrivalMs.set(server, arrivalMs);
    this.#runtime.after(arrivalMs - this.now(), decide);
  }

  /** Sends the server the log as it is now; the message takes a while. */
  #follow(server: SimulatedServer): void {
    if (!this.reachesQuorum(server)) return;
    const { log } = this.authority;
    const arrivalMs = this.now() + this.#draw(this.#delays.lagMs);
    const before = this.#news.get(server);
    // A message that would overtake the one before it arrives together with that one.
    if (before !== undefined && before.arrivalMs >= arrivalMs) {
      before.known = log.length;
      return;
    }
    const news = { arrivalMs, known: log.length };
    this.#news.set(server, news);
    this.#runtime.after(arrivalMs - this.now(), () => {
      if (this.#news.get(server) === news) this.#news.delete(server);
      if (!this.reachesQuorum(server)) return;
      for (const transaction of log.slice(server.appliedCount, news.known)) server.apply(transaction);
    });
  }

  #draw([min, max]: readonly [number, number]): number {
    return min + this.#runtime.random() * (max - min);
  }

  #cutSession(sessionId: bigint): void {
    for (const connection of this.#connectionsOf(sessionId)) connection.cut();
  }

  #connectionsOf(sessionId: bigint): ServerConnection[] {
    return this.servers.flatMap((server) => [...server.connections].filter((one) => one.sessionId === sessionId));
  }

  #server(index: number): SimulatedServer {
    const server = this.servers[index % this.servers.length];
    if (server === undefined) throw new RangeError(`no server ${index}`);
    return server;
  }
}
