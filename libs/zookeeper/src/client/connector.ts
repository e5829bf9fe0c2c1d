import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Runtime } from '@drover/runtime';
import type { TlsSource } from '../port.js';
import { describe, type Address, type Connection, type Transport } from './connection.js';
import type { Server } from './hosts.js';
import { attemptMs, roundDelayMs, shuffled } from './reconnect.js';
import { readHandshake, writeHandshake, type HandshakeReply, type SessionIdentity } from './wire/handshake.js';
import { PacketReader } from './wire/reader.js';
import { PacketWriter } from './wire/writer.js';

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<string[]>;

export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

/** The outcome of an attempt. refused: the server accepted the connection and closed it without an answer. */
type Attempt = Established | 'refused' | 'failed';

/** A connection whose handshake is done. */
export interface Established {
  connection: Connection;
  reply: HandshakeReply;
  /** Monotonic; when the handshake was sent. */
  sentMs: number;
}

export interface ConnectorOptions {
  servers: readonly Server[];
  tls: TlsSource | undefined;
  resolve: Resolve;
  transport: Transport;
  runtime: Runtime;
}

/**
 * Finds a server that takes the session: rounds over all addresses of all names, shuffled, with a deadline for each
 * attempt (connect, TLS and handshake together) and a growing, random pause between rounds. Names are resolved again
 * in every round; a name that cannot be resolved now keeps the addresses it had.
 */
export class Connector {
  /** Why the last attempt failed. */
  lastFailure: Error | undefined;
  readonly #options: ConnectorOptions;
  readonly #known = new Map<string, string[]>();
  #round = 0;
  /**
   * The time, by the monotonic clock, since which servers know this session and have seen fewer transactions than it.
   */
  #behindSinceMs: number | null = null;
  /** The address at which the connection was lost: it is tried last. */
  #avoid: Address | undefined;
  readonly #cancels = new Set<() => void>();
  #stopped = false;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** Tries until a server answers the handshake, also with a refusal; null once stopped. */
  async connect(identity: SessionIdentity): Promise<Established | null> {
    while (!this.#stopped) {
      const delayMs = roundDelayMs(this.#round, identity.grantedMs, this.#options.runtime.random());
      if (delayMs > 0) await new Promise<void>((resolve) => this.#after(delayMs, resolve));
      this.#round++;
      const addresses = await this.#addresses(identity.grantedMs);
      const deadlineMs = attemptMs(addresses.length, identity.grantedMs);
      const established = await this.#tryEach(addresses, identity, deadlineMs);
      if (established !== null) return established;
    }
    return null;
  }

  async #tryEach(
    addresses: readonly Address[],
    identity: SessionIdentity,
    deadlineMs: number,
  ): Promise<Established | null> {
    let refusing: Address | null = null;
    for (const address of addresses) {
      if (this.#stopped) return null;
      const attempt = await this.#attempt(address, identity, deadlineMs);
      if (attempt === 'refused') refusing ??= address;
      else if (attempt !== 'failed') {
        this.#behindSinceMs = null;
        return attempt;
      }
    }
    if (refusing === null || identity.lastZxid === 0n || this.#stopped) return null;
    return this.#askWhetherGone(refusing, identity, deadlineMs);
  }

  /**
   * A server that has seen fewer transactions than this session closes the connection without an answer, and so does
   * one that serves nobody for now. If the client claims to have seen no transaction, the first kind of server answers,
   * and says whether the session still exists. If it does not, it has expired. If it does, the server usually catches
   * up within moments; if servers are still behind after a session timeout, the data that this session has seen is
   * lost, and the session is given up. The connection is never used, since it would show older data.
   */
  async #askWhetherGone(address: Address, identity: SessionIdentity, deadlineMs: number): Promise<Established | null> {
    const answer = await this.#attempt(address, { ...identity, lastZxid: 0n }, deadlineMs);
    if (answer === 'failed' || answer === 'refused') return null;
    const nowMs = this.#options.runtime.monotonic();
    const since = (this.#behindSinceMs ??= nowMs);
    this.lastFailure = new Error(
      `${describe(address)} has seen fewer transactions than this session: it is behind, or its data was replaced`,
    );
    const isLost = answer.reply.timeoutMs <= 0 || nowMs - since >= identity.grantedMs;
    if (isLost) return { ...answer, reply: { ...answer.reply, timeoutMs: 0 } };
    answer.connection.destroy();
    return null;
  }

  /** A server has answered a request: the next failure begins with short delays again. */
  succeeded(): void {
    this.#round = 1;
  }

  lostAt(address: Address): void {
    this.#avoid = address;
  }

  /** Ends the attempt that is under way; no other one follows. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of [...this.#cancels]) cancel();
  }

  /** Calls `elapsed` after `delayMs`, or at once when stopped. Returns a function that cancels it. */
  #after(delayMs: number, elapsed: () => void): () => void {
    const callOff = (): void => {
      timer.cancel();
      this.#cancels.delete(cancel);
    };
    const cancel = (): void => {
      callOff();
      elapsed();
    };
    const timer = this.#options.runtime.after(delayMs, cancel);
    this.#cancels.add(cancel);
    return callOff;
  }

  async #addresses(timeoutMs: number): Promise<Address[]> {
    const { servers, runtime } = this.#options;
    const found = await Promise.all(
      servers.map((server) => this.#resolve(server, attemptMs(servers.length, timeoutMs))),
    );
    const addresses = shuffled(found.flat(), () => runtime.random());
    const avoided = addresses.findIndex((a) => a.address === this.#avoid?.address && a.port === this.#avoid.port);
    if (avoided >= 0) addresses.push(...addresses.splice(avoided, 1));
    return addresses;
  }

  async #resolve({ host, port }: Server, deadlineMs: number): Promise<Address[]> {
    if (isIP(host) !== 0) return [{ host, address: host, port }];
    await new Promise<void>((resolve) => {
      const callOff = this.#after(deadlineMs, resolve);
      const done = (): void => {
        callOff();
        resolve();
      };
      const found = (addresses: string[]): void => {
        this.#known.set(host, addresses);
        done();
      };
      const failed = (error: unknown): void => {
        this.lastFailure = error as Error;
        done();
      };
      this.#options.resolve(host).then(found, failed);
    });
    return (this.#known.get(host) ?? []).map((address) => ({ host, address, port }));
  }

  async #attempt(address: Address, identity: SessionIdentity, deadlineMs: number): Promise<Attempt> {
    try {
      return await this.#shakeHands(address, identity, deadlineMs);
    } catch (error) {
      // The TLS options could not be read, or are no certificates: the next attempt reads them again.
      this.lastFailure = error as Error;
      return 'failed';
    }
  }

  #shakeHands(address: Address, identity: SessionIdentity, deadlineMs: number): Promise<Attempt> {
    const { runtime, tls, transport } = this.#options;
    return new Promise((resolve) => {
      let sentMs = 0;
      let isSent = false;
      const end = (result: Attempt): void => {
        callOff();
        resolve(result);
      };
      const fail = (reason: Error, result: Attempt = 'failed'): void => {
        this.lastFailure = reason;
        connection.destroy();
        end(result);
      };
      const connection = transport(address, typeof tls === 'function' ? tls() : tls, {
        opened: () => {
          const writer = new PacketWriter();
          writeHandshake(writer, identity);
          sentMs = runtime.monotonic();
          isSent = true;
          connection.write(writer.take());
        },
        received: () => {
          try {
            const reply = firstReply(connection);
            if (reply !== null) end({ connection, reply, sentMs });
          } catch (error) {
            fail(error as Error);
          }
        },
        lost: (reason) => fail(reason, isSent ? 'refused' : 'failed'),
      });
      const callOff = this.#after(deadlineMs, () =>
        fail(new Error(`${describe(address)} did not answer within ${Math.round(deadlineMs)} ms`)),
      );
    });
  }
}

function firstReply({ frames }: Connection): HandshakeReply | null {
  if (!frames.next()) return null;
  const reader = new PacketReader();
  reader.reset(frames.bytes, frames.start, frames.end);
  return readHandshake(reader);
}
