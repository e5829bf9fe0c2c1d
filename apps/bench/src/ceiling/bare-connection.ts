import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { secretsOf, type ConnectionFlags } from '../ensemble-connection.js';

/**
 * The least of ZooKeeper's protocol that can move tasks: one connection, no reconnect, no lease, no retry, no safety.
 * Its throughput is an upper bound for any system on this ensemble, and it serves only as a yardstick.
 */
const OP = { create: 1, delete: 2, get: 4, set: 5, check: 13, multi: 14, ping: 11, auth: 100, addWatch: 106 } as const;
const RECURSIVE = 1;
const CREATED = 1;
const STAT_VERSION_OFFSET = 32;

export type BareOperation =
  | { op: 'create'; path: string; data: string }
  | { op: 'set'; path: string; data: string }
  | { op: 'delete'; path: string }
  | { op: 'check'; path: string; version: number };

type Decode = (body: Buffer) => unknown;
interface Pending {
  decode: Decode | null;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

export class BareConnection {
  /** Called with the path of each znode that is created below a watched one. */
  onCreated: (path: string) => void = () => undefined;
  readonly #socket: net.Socket;
  readonly #pending = new Map<number, Pending>();
  #xid = 0;
  #rest: Buffer | null = null;
  #connected: (() => void) | null = null;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
  }

  /** `server`: `host:port`. */
  static async open(server: string, reached: ConnectionFlags): Promise<BareConnection> {
    const [host = '', port = ''] = server.split(':');
    const { tls: source, auth = [] } = secretsOf(reached);
    const secure = typeof source === 'function' ? source() : source;
    const socket =
      secure === undefined ? net.connect(Number(port), host) : tls.connect({ ...secure, host, port: Number(port) });
    await once(socket, secure === undefined ? 'connect' : 'secureConnect');
    const connection = new BareConnection(socket);
    await connection.#handshake();
    for (const { scheme, credentials } of auth)
      socket.write(frame([int(-4), int(OP.auth), int(0), text(scheme), text(credentials.toString())]));
    const ping = setInterval(() => socket.write(frame([int(-2), int(OP.ping)])), 2_000);
    ping.unref();
    return connection;
  }

  create(path: string, data = ''): Promise<void> {
    return this.#request(OP.create, createBody(path, data), null) as Promise<void>;
  }
  delete(path: string): Promise<void> {
    return this.#request(OP.delete, [text(path), int(-1)], null) as Promise<void>;
  }
  get(path: string): Promise<Buffer> {
    return this.#request(OP.get, [text(path), bool(false)], (body) =>
      body.subarray(4, 4 + body.readInt32BE(0)),
    ) as Promise<Buffer>;
  }
  /** Resolves with the new version. */
  set(path: string, data: string): Promise<number> {
    return this.#request(OP.set, [text(path), text(data), int(-1)], (body) =>
      body.readInt32BE(STAT_VERSION_OFFSET),
    ) as Promise<number>;
  }
  watch(path: string): Promise<void> {
    return this.#request(OP.addWatch, [text(path), int(RECURSIVE)], null) as Promise<void>;
  }
  multi(operations: readonly BareOperation[]): Promise<void> {
    const parts = operations.flatMap((operation) => [
      int(OP[operation.op]),
      bool(false),
      int(-1),
      ...multiBody(operation),
    ]);
    return this.#request(OP.multi, [...parts, int(-1), bool(true), int(-1)], null) as Promise<void>;
  }
  close(): void {
    this.#socket.destroy();
  }

  async #handshake(): Promise<void> {
    const connected = new Promise<void>((resolve) => (this.#connected = resolve));
    const fresh = [int(0), Buffer.alloc(8), int(10_000), Buffer.alloc(8), int(16), Buffer.alloc(16), bool(false)];
    this.#socket.write(frame(fresh));
    await connected;
  }

  #request(op: number, body: readonly Buffer[], decode: Decode | null): Promise<unknown> {
    const xid = ++this.#xid;
    this.#socket.write(frame([int(xid), int(op), ...body]));
    return new Promise((resolve, reject) => this.#pending.set(xid, { decode, resolve, reject }));
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readInt32BE(at);
      if (end > bytes.length) break;
      this.#answer(bytes.subarray(at + 4, end));
      at = end;
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : null;
  }

  #answer(reply: Buffer): void {
    if (this.#connected !== null) {
      this.#connected();
      this.#connected = null;
      return;
    }
    const xid = reply.readInt32BE(0);
    const error = reply.readInt32BE(12);
    const body = reply.subarray(16);
    if (xid === -1) {
      if (body.readInt32BE(0) === CREATED) this.onCreated(body.toString('utf8', 12, 12 + body.readInt32BE(8)));
      return;
    }
    const pending = this.#pending.get(xid);
    if (pending === undefined) return;
    this.#pending.delete(xid);
    if (error === 0) pending.resolve(pending.decode?.(body));
    else pending.reject(new Error(`ZooKeeper error ${error}`));
  }
}

function multiBody(operation: BareOperation): Buffer[] {
  switch (operation.op) {
    case 'create':
      return createBody(operation.path, operation.data);
    case 'set':
      return [text(operation.path), text(operation.data), int(-1)];
    case 'delete':
      return [text(operation.path), int(-1)];
    case 'check':
      return [text(operation.path), int(operation.version)];
  }
}

const OPEN_ACL = Buffer.concat([int(1), int(31), text('world'), text('anyone')]);
const createBody = (path: string, data: string): Buffer[] => [text(path), text(data), OPEN_ACL, int(0)];

function int(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
function bool(value: boolean): Buffer {
  return Buffer.from([value ? 1 : 0]);
}
function text(value: string): Buffer {
  const length = Buffer.byteLength(value);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeInt32BE(length);
  bytes.write(value, 4);
  return bytes;
}
function frame(parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
}
