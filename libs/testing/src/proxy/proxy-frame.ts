/** Operation codes by name, as `org.apache.zookeeper.ZooDefs.OpCode` has them. */
export const OP_CODES = {
  event: 0,
  create: 1,
  delete: 2,
  exists: 3,
  get: 4,
  set: 5,
  getAcl: 6,
  setAcl: 7,
  children: 8,
  sync: 9,
  ping: 11,
  children2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  removeWatches: 18,
  createContainer: 19,
  createTtl: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  ephemerals: 103,
  countDescendants: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  closeSession: -11,
} as const;

export type OpName = keyof typeof OP_CODES | 'connect' | 'unknown';

const NAMES = new Map<number, OpName>(Object.entries(OP_CODES).map(([name, code]) => [code, name as OpName]));

const EVENT_XID = -1;

export interface ProxyFrame {
  /** Counts the connections that the proxy accepted, from 1. */
  connection: number;
  direction: 'request' | 'reply';
  /** The operation; for a reply, the one that it answers. */
  op: OpName;
  /** 0 for the handshake. */
  xid: number;
  /** The server's error code in a reply; 0 for a request. */
  error: number;
  /** The whole frame, with its four bytes of length. */
  bytes: Buffer;
}

/**
 * The credentials of a session, read from its handshake: with them another client can take over or close the session.
 */
export interface SessionCredentials {
  sessionId: bigint;
  password: Buffer;
  timeoutMs: number;
}

/** Remembers the operation of each xid, so that replies can be named. One per connection. */
export class FrameReader {
  readonly #connection: number;
  readonly #asked = new Map<number, OpName[]>();
  #requests = 0;
  #replies = 0;

  constructor(connection: number) {
    this.#connection = connection;
  }

  request(bytes: Buffer): ProxyFrame {
    const handshake = this.#requests++ === 0;
    if (handshake) return this.#frame('request', 'connect', 0, 0, bytes);
    const xid = bytes.readInt32BE(4);
    const op = NAMES.get(bytes.readInt32BE(8)) ?? 'unknown';
    const asked = this.#asked.get(xid);
    if (asked === undefined) this.#asked.set(xid, [op]);
    else asked.push(op);
    return this.#frame('request', op, xid, 0, bytes);
  }

  reply(bytes: Buffer): ProxyFrame {
    const handshake = this.#replies++ === 0;
    if (handshake) return this.#frame('reply', 'connect', 0, 0, bytes);
    const xid = bytes.readInt32BE(4);
    return this.#frame('reply', this.#answered(xid), xid, bytes.readInt32BE(16), bytes);
  }

  #answered(xid: number): OpName {
    if (xid === EVENT_XID) return 'event';
    const asked = this.#asked.get(xid);
    const op = asked?.shift() ?? 'unknown';
    if (asked?.length === 0) this.#asked.delete(xid);
    return op;
  }

  #frame(direction: ProxyFrame['direction'], op: OpName, xid: number, error: number, bytes: Buffer): ProxyFrame {
    return { connection: this.#connection, direction, op, xid, error, bytes };
  }
}

/** The credentials in a handshake's reply; `null`: the server refused the session. */
export function credentialsOf(frame: ProxyFrame): SessionCredentials | null {
  const timeoutMs = frame.bytes.readInt32BE(8);
  if (timeoutMs <= 0) return null;
  const length = frame.bytes.readInt32BE(20);
  const password = Buffer.from(frame.bytes.subarray(24, 24 + length));
  return { sessionId: frame.bytes.readBigInt64BE(12), password, timeoutMs };
}

/** The reply as the server would have sent it had it failed with `code`: the header alone. */
export function withError(frame: ProxyFrame, code: number): Buffer {
  const bytes = Buffer.alloc(20);
  frame.bytes.copy(bytes, 0, 0, 20);
  bytes.writeUInt32BE(16, 0);
  bytes.writeInt32BE(code, 16);
  return bytes;
}
