import { connect, type Socket } from 'node:net';
import { FrameSplitter } from '../proxy/frame-splitter.js';
import { OP_CODES, type SessionCredentials } from '../proxy/proxy-frame.js';

const OK = 0;
const NO_NODE = -101;
const NODE_EXISTS = -110;
const CLOSE_XID = 0x7ffffff0;

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const bytesField = (value: Buffer): Buffer => Buffer.concat([int(value.length), value]);
const text = (value: string): Buffer => bytesField(Buffer.from(value));
const framed = (...parts: Buffer[]): Buffer => bytesField(Buffer.concat(parts));
const CLOSE = framed(int(CLOSE_XID), int(OP_CODES.closeSession));
const OPEN_ACL = Buffer.concat([int(1), int(31), text('world'), text('anyone')]);

/**
 * The part of ZooKeeper's protocol that test helpers need, apart from the client under test: it makes and removes
 * chroots, and attaches to an existing session by its id and password.
 */
export class PlainSession {
  readonly #socket: Socket;
  readonly #splitter = new FrameSplitter();
  readonly #waiting: { resolve: (reply: Buffer) => void; reject: (error: Error) => void }[] = [];
  #xid = 0;
  #ended: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#splitter.push(chunk)) this.#waiting.shift()?.resolve(frame);
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /**
   * Opens a session, or attaches to the given one. `address`: `host:port`, without a chroot.
   * Throws when the server cannot be reached, or says that the session is gone.
   */
  static async open(address: string, session?: SessionCredentials): Promise<PlainSession> {
    const socket = connectTo(address);
    const plain = new PlainSession(socket);
    const reply = await plain.#ask(hello(session));
    if (reply.readInt32BE(8) > 0) return plain;
    socket.destroy();
    throw new Error(`session 0x${(session?.sessionId ?? 0n).toString(16)} is gone`);
  }

  /**
   * Ends a session as another holder of it; resolves when the server has done so, or when there is no such session.
   * Both requests go out at once: the server drops the connection that the session had, whose client comes back and
   * would have ours dropped in turn before a second request gets through.
   */
  static async end(address: string, session: SessionCredentials): Promise<void> {
    for (let ended = false; !ended;) ended = await PlainSession.tryToEnd(address, session);
  }

  /** One attempt of `end`: whether the server has ended the session, or said that there is none. */
  static async tryToEnd(address: string, session: SessionCredentials): Promise<boolean> {
    const [greeting, closed] = await exchange(address, Buffer.concat([hello(session), CLOSE]));
    return closed !== undefined || (greeting !== undefined && greeting.readInt32BE(8) <= 0);
  }

  /** Ends, out of those that a proxy saw, the session of that id. */
  static async endOneOf(sessions: readonly SessionCredentials[], address: string, sessionId: bigint): Promise<void> {
    const credentials = sessions.find((session) => session.sessionId === sessionId);
    if (credentials === undefined) throw new Error(`the proxy saw no handshake of session ${sessionId}`);
    await PlainSession.end(address, credentials);
  }

  /** Creates a persistent znode and those above it; one that is there already is fine. */
  async createAll(path: string): Promise<void> {
    const names = path.split('/').filter((name) => name !== '');
    for (let depth = 1; depth <= names.length; depth++) {
      const body = Buffer.concat([text(`/${names.slice(0, depth).join('/')}`), text(''), OPEN_ACL, int(0)]);
      this.#expect(await this.#request(OP_CODES.create, body), path, NODE_EXISTS);
    }
  }

  /** Sorted. Throws with the server's code when there is no such znode. */
  async children(path: string): Promise<string[]> {
    const reply = await this.#children(path);
    this.#expect(reply, path, OK);
    return stringsOf(reply).sort();
  }

  /** Removes the znode and everything below it; one that is not there is fine. */
  async removeAll(path: string): Promise<void> {
    const reply = await this.#children(path);
    this.#expect(reply, path, NO_NODE);
    if (reply.readInt32BE(16) !== OK) return;
    await Promise.all(stringsOf(reply).map((name) => this.removeAll(`${path}/${name}`)));
    this.#expect(await this.#request(OP_CODES.delete, Buffer.concat([text(path), int(-1)])), path, NO_NODE);
  }

  /** Ends the session, also for every other holder of it. */
  async close(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.end(CLOSE);
    await gone;
  }

  #children(path: string): Promise<Buffer> {
    return this.#request(OP_CODES.children, Buffer.concat([text(path), Buffer.from([0])]));
  }

  #request(op: number, body: Buffer): Promise<Buffer> {
    return this.#ask(framed(int(++this.#xid), int(op), body));
  }

  #ask(frame: Buffer): Promise<Buffer> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(frame);
    });
  }

  #expect(reply: Buffer, path: string, accepted: number): void {
    const code = reply.readInt32BE(16);
    if (code !== OK && code !== accepted) throw new Error(`${path}: the server answered ${code}`);
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function hello(session?: SessionCredentials): Buffer {
  const { sessionId = 0n, password = Buffer.alloc(16), timeoutMs = 10_000 } = session ?? {};
  return framed(int(0), long(0n), int(timeoutMs), long(sessionId), bytesField(password), Buffer.from([0]));
}

/** Sends `requests` on a connection of their own; the frames that came until the server closed it. */
function exchange(address: string, requests: Buffer): Promise<Buffer[]> {
  const splitter = new FrameSplitter();
  const replies: Buffer[] = [];
  const socket = connectTo(address);
  socket.write(requests);
  socket.on('data', (chunk: Buffer) => replies.push(...splitter.push(chunk)));
  return new Promise((resolve, reject) => {
    // A reset after the answers is an end like any other.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') reject(error);
    });
    socket.on('close', () => resolve(replies));
  });
}

function connectTo(address: string): Socket {
  const colon = address.lastIndexOf(':');
  return connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), noDelay: true });
}

function stringsOf(reply: Buffer): string[] {
  const strings: string[] = [];
  let at = 24;
  for (let left = reply.readInt32BE(20); left > 0; left--) {
    const length = reply.readInt32BE(at);
    strings.push(reply.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return strings;
}
