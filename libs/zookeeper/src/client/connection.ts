import net from 'node:net';
import tls from 'node:tls';
import type { TlsOptions } from '../port.js';
import { Frames } from './framing.js';

/** One address of one server. */
export interface Address {
  /** The host as in the connect string: a certificate must be for this name. */
  host: string;
  /** An IP address. */
  address: string;
  port: number;
}

/** Called from the socket's own events; never before the transport has returned, and not after `destroy`. */
export interface ConnectionListener {
  /** Requests may be written. */
  opened(): void;
  /** `connection.frames` may have new frames. */
  received(): void;
  /** The connection is gone, for the reason given. Called at most once. */
  lost(reason: Error): void;
}

/** A connection to one server: sends bytes and receives frames. It knows nothing of sessions. */
export interface Connection {
  readonly address: Address;
  readonly frames: Frames;
  listener: ConnectionListener;
  readonly isGone: boolean;
  /** Writes all packets with one system call. Ignored once the connection is gone. */
  write(packets: readonly Buffer[]): void;
  /** Ends it at once; the listener hears nothing more. */
  destroy(): void;
}

/** Opens a connection, or begins to. A simulation brings its own. */
export type Transport = (address: Address, tls: TlsOptions | undefined, listener: ConnectionListener) => Connection;

/** TCP, or TLS where `tls` is given. */
export const socketTransport: Transport = (address, tlsOptions, listener) => {
  const target = { host: address.address, port: address.port };
  if (tlsOptions === undefined) return new SocketConnection(address, net.connect(target), 'connect', listener);
  const servername = tlsOptions.servername ?? (net.isIP(address.host) === 0 ? address.host : undefined);
  const socket = tls.connect({ ...tlsOptions, ...target, ...(servername === undefined ? {} : { servername }) });
  return new SocketConnection(address, socket, 'secureConnect', listener);
};

class SocketConnection implements Connection {
  readonly address: Address;
  readonly frames = new Frames();
  listener: ConnectionListener;
  readonly #socket: net.Socket;
  #done = false;

  constructor(address: Address, socket: net.Socket, opened: string, listener: ConnectionListener) {
    this.address = address;
    this.listener = listener;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.once(opened, () => {
      if (!this.#done) this.listener.opened();
    });
    socket.on('data', (chunk: Buffer) => {
      if (this.#done) return;
      this.frames.push(chunk);
      this.listener.received();
    });
    socket.on('error', (error) => this.#lose(error));
    socket.on('end', () => this.#lose(new Error(`${describe(address)} closed the connection`)));
    socket.on('close', () => this.#lose(new Error(`the connection to ${describe(address)} is closed`)));
  }

  write(packets: readonly Buffer[]): void {
    const socket = this.#socket;
    if (this.#done) return;
    socket.cork();
    for (const packet of packets) socket.write(packet);
    socket.uncork();
  }

  get isGone(): boolean {
    return this.#done;
  }

  destroy(): void {
    this.#done = true;
    this.#socket.destroy();
  }

  #lose(reason: Error): void {
    if (this.#done) return;
    this.destroy();
    this.listener.lost(reason);
  }
}

export function describe({ host, address, port }: Address): string {
  return host === address ? `${host}:${port}` : `${host}:${port} (${address})`;
}
