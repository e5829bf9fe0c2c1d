import { randomBytes } from 'node:crypto';
import { ERROR_CODES } from '@drover/zookeeper';
import { OPCODE, PacketReader, XID, type PacketWriter } from '@drover/zookeeper/wire';
import { digestIdentity, type Identity } from './access.js';
import type { Decision, SessionRecord } from './authority.js';
import { decodeRequest, type Request } from './decode.js';
import { writeApplied, writeEvent, writeHeader, writeRefusedMulti } from './encode.js';
import type { Ensemble } from './ensemble.js';
import { Refusal, requirePath } from './prepare.js';
import { answerRead } from './reads.js';
import type { SimulatedServer } from './simulated-server.js';
import type { TransactionOperation } from './tree.js';
import { WatchTable, type WatchKind } from './watch-table.js';

/** The way to the client: packets in order, and the end of the connection. */
export interface ClientEnd {
  readonly owner: string;
  deliver(packets: Buffer): void;
  closed(): void;
}

/** A request that was taken in and waits for its turn to be answered. */
interface Waiting {
  xid: number;
  request: Request;
  /** The decision on a write or sync. It is answered once the server has applied the log up to the decision's zxid. */
  decision: Decision | null;
}

/**
 * The server's end of one connection. Requests are answered in their order: a read waits until the writes before it
 * have been applied to this server's copy.
 */
const NO_DATA = Buffer.alloc(0);

export class ServerConnection {
  readonly #ensemble: Ensemble;
  readonly #server: SimulatedServer;
  readonly #client: ClientEnd;
  readonly #watches = new WatchTable();
  readonly #reader = new PacketReader();
  readonly #writer: PacketWriter;
  #identities: Identity[] = [{ scheme: 'ip', id: '127.0.0.1' }];
  #waiting: Waiting[] = [];
  readonly #listed = new Set<string>();
  #sessionId = 0n;
  #attachment = 0;
  #open = true;

  constructor(ensemble: Ensemble, server: SimulatedServer, client: ClientEnd) {
    this.#ensemble = ensemble;
    this.#server = server;
    this.#writer = server.writer;
    this.#client = client;
    server.connections.add(this);
  }

  get sessionId(): bigint {
    return this.#sessionId;
  }

  /** One packet of the client, without its length. */
  receive(packet: Buffer): void {
    if (!this.#open) return;
    this.#reader.reset(packet, 0, packet.length);
    if (this.#sessionId === 0n) this.#handshake();
    else this.#packet();
    this.#flush();
  }

  /** Both sides lose it. */
  cut(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#server.connections.delete(this);
    this.#rememberListings();
    this.#client.closed();
  }

  #oldListings(): Map<string, readonly string[]> {
    const { oldListings } = this.#ensemble;
    const own = oldListings.get(this.#sessionId) ?? new Map<string, readonly string[]>();
    oldListings.set(this.#sessionId, own);
    return own;
  }

  /** Only where the server is to do wrong. */
  #rememberListings(): void {
    for (const path of this.#listed) this.#oldListings().set(path, this.#server.tree.get(path)?.children ?? []);
  }

  /** The server has applied a transaction. */
  applied(operations: readonly TransactionOperation[]): void {
    for (const operation of operations) this.#watches.fire(operation, (event) => writeEvent(this.#writer, event));
    this.#answerWaiting();
    this.#flush();
  }

  #handshake(): void {
    const reader = this.#reader;
    reader.int();
    const lastZxid = reader.long();
    const asked = reader.int();
    const sessionId = reader.long();
    const password = Buffer.from(reader.data());
    // A server that is behind what the client has seen must not take it.
    if (lastZxid > this.#server.appliedZxid) {
      this.cut();
      return;
    }
    const { authority } = this.#ensemble;
    const known = authority.sessions.get(sessionId);
    const taken = known?.password.equals(password) === true ? known : undefined;
    const session = sessionId === 0n ? this.#newSession(asked) : taken;
    this.#writeHandshakeReply(session?.timeoutMs ?? 0, session?.id ?? 0n, session?.password ?? Buffer.alloc(16));
    if (session === undefined) {
      this.#flush();
      this.cut();
      return;
    }
    this.#ensemble.detachOthers(session.id, this);
    this.#sessionId = session.id;
    this.#attachment = authority.attach(session);
  }

  #newSession(askedMs: number): SessionRecord {
    const password = this.#ensemble.password?.() ?? randomBytes(16);
    return this.#ensemble.authority.openSession(this.#ensemble.grantedTimeoutMs(askedMs), password, this.#client.owner);
  }

  #writeHandshakeReply(timeoutMs: number, sessionId: bigint, password: Buffer): void {
    const writer = this.#writer;
    writer.begin();
    writer.int(0);
    writer.int(timeoutMs);
    writer.long(sessionId);
    writer.data(password);
    writer.bool(false);
    writer.end();
  }

  #packet(): void {
    const session = this.#ensemble.authority.sessions.get(this.#sessionId);
    if (session !== undefined && this.#ensemble.reachesQuorum(this.#server)) session.heardMs = this.#ensemble.now();
    const xid = this.#reader.int();
    const opcode = this.#reader.int();
    if (xid === XID.ping) this.#reply(xid, 0);
    else if (xid === XID.auth) this.#authenticate();
    else if (xid === XID.setWatches) this.#restoreWatches(opcode);
    else this.#request(xid, opcode);
  }

  #authenticate(): void {
    this.#reader.int();
    const scheme = this.#reader.string();
    const credentials = this.#reader.data().toString();
    if (scheme === 'digest') {
      this.#identities.push(digestIdentity(credentials));
      this.#reply(XID.auth, 0);
      return;
    }
    this.#reply(XID.auth, ERROR_CODES.AUTH_FAILED);
    this.#flush();
    this.cut();
  }

  #restoreWatches(opcode: number): void {
    const since = this.#reader.long();
    const kinds: WatchKind[] = ['data', 'exists', 'children'];
    if (opcode === OPCODE.setWatches2) kinds.push('persistent', 'recursive');
    for (const kind of kinds) {
      for (const path of this.#reader.strings()) {
        if (this.#ensemble.faulty.forgets?.includes(kind) === true) continue;
        for (const event of this.#watches.restore(kind, path, since, this.#server.tree))
          writeEvent(this.#writer, event);
      }
    }
    this.#reply(XID.setWatches, 0);
  }

  #request(xid: number, opcode: number): void {
    let request: Request;
    try {
      request = decodeRequest(opcode, this.#reader);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#reply(xid, error.code);
      return;
    }
    const waiting: Waiting = { xid, request, decision: null };
    this.#waiting.push(waiting);
    if (request.kind !== 'read') this.#forward(waiting, request);
    this.#answerWaiting();
  }

  /** Writes go to the quorum in the order in which they came, whatever becomes of this connection. */
  #forward(waiting: Waiting, request: Exclude<Request, { kind: 'read' }>): void {
    const requester = { sessionId: this.#sessionId, identities: [...this.#identities] };
    const attachment = this.#attachment;
    this.#ensemble.forward(this.#server, () => {
      const { authority } = this.#ensemble;
      switch (request.kind) {
        case 'write':
          waiting.decision = authority.decide(request.writes, requester, attachment);
          break;
        case 'sync':
          waiting.decision = { ok: true, zxid: authority.tree.zxid, operations: [] };
          break;
        case 'close':
          waiting.decision = { ok: true, zxid: authority.closeSession(requester.sessionId), operations: [] };
      }
      this.#answerWaiting();
      this.#flush();
    });
  }

  #answerWaiting(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (!this.#open || next === undefined) return;
      if (next.request.kind === 'read') this.#answerRead(next.xid, next.request);
      else if (next.decision === null || next.decision.zxid > this.#server.appliedZxid) return;
      else this.#answerWrite(next.xid, next.request, next.decision);
      this.#waiting.shift();
    }
  }

  #answerRead(xid: number, { read }: Request & { kind: 'read' }): void {
    const context = { tree: this.#server.tree, watches: this.#watches, sessionId: this.#sessionId };
    const { hides, shows } = this.#ensemble.faulty;
    const answer = answerRead(read, { ...context, identities: this.#identities, shows });
    if (read.op === 'children' && this.#ensemble.faulty.listsOld === true) {
      const old = this.#oldListings().get(read.path);
      this.#oldListings().delete(read.path);
      this.#listed.add(read.path);
      if (old !== undefined) answer.write = (writer) => writer.strings(old);
    }
    if (read.op === 'children' && hides !== undefined && answer.code === 0) {
      const { path } = read;
      const { tree } = this.#server;
      const shown = (tree.get(path)?.children ?? []).filter(
        (name) => !hides(tree.get(`${path}/${name}`)?.data ?? NO_DATA),
      );
      answer.write = (writer) => writer.strings(shown);
    }
    this.#reply(xid, answer.code, answer.write);
  }

  #answerWrite(xid: number, request: Exclude<Request, { kind: 'read' }>, decision: Decision): void {
    if (request.kind !== 'write') {
      if (request.kind === 'sync') this.#replySync(xid, request.path);
      else this.#replyClose(xid);
      return;
    }
    const { opcode, writes } = request;
    const { tree } = this.#server;
    if (decision.ok) this.#reply(xid, 0, (writer) => writeApplied(writer, opcode, decision, tree), decision.zxid);
    else if (opcode !== OPCODE.multi) this.#reply(xid, decision.code, undefined, decision.zxid);
    else {
      const write = (writer: PacketWriter): void => writeRefusedMulti(writer, writes, decision.code, decision.index);
      const whole = decision.code === ERROR_CODES.SESSION_EXPIRED || decision.code === ERROR_CODES.SESSION_MOVED;
      if (whole) this.#reply(xid, decision.code, undefined, decision.zxid);
      else this.#reply(xid, 0, write, decision.zxid);
    }
  }

  #replySync(xid: number, path: string): void {
    try {
      requirePath(path);
      this.#reply(xid, 0, (writer) => writer.string(path));
    } catch {
      this.#reply(xid, ERROR_CODES.BAD_ARGUMENTS);
    }
  }

  #replyClose(xid: number): void {
    this.#reply(xid, 0);
    this.#flush();
    this.cut();
  }

  #reply(xid: number, code: number, body?: (writer: PacketWriter) => void, zxid = this.#server.appliedZxid): void {
    this.#writer.begin();
    writeHeader(this.#writer, xid, zxid, code);
    if (code === 0) body?.(this.#writer);
    this.#writer.end();
  }

  #flush(): void {
    for (const packets of this.#writer.take()) this.#client.deliver(packets);
  }
}
