import type { Runtime } from '@drover/runtime';
import { ERROR_CODES } from '@drover/zookeeper';
import { prepare, Refusal, type Requester, type Write } from './prepare.js';
import { Draft, placeOf, Tree, type Transaction, type TransactionOperation } from './tree.js';

export interface SessionRecord {
  readonly id: bigint;
  /** The name of the process that opened it. */
  readonly owner: string;
  readonly password: Buffer;
  readonly timeoutMs: number;
  /** When a server last heard of the client. */
  heardMs: number;
  /** Number of the connection that has the session now; writes from an earlier one are refused. */
  attachment: number;
}

/** The outcome of a write: `index` is that of the operation of a multi that was refused. */
export type Decision =
  | { ok: true; zxid: bigint; operations: readonly (TransactionOperation | null)[] }
  | { ok: false; zxid: bigint; code: number; index: number };

/** An entry of the log and where it came from. */
export interface Committed {
  readonly transaction: Transaction;
  /** The session that asked for the writes, or that was ended; 0n: neither. */
  readonly sessionId: bigint;
  /** The operations of the request, checks included; `null`: the session was ended. */
  readonly writes: readonly Write[] | null;
}

/** Replaces the writes that a session asked for by others; it returns as many as it was given. */
export type Alter = (writes: readonly Write[], sessionId: bigint, tree: Tree) => readonly Write[];

/** A defect of the quorum, to test whether a rule notices it. */
export interface Faulty {
  /** The quorum does these writes instead, and reports those that were asked for to `committed`. */
  alter?: Alter;
  /** The quorum does these writes instead, and reports them to `committed` as those that were asked for. */
  mishears?: Alter;
  /** Sessions end after this part of their timeout. */
  patience?: number;
  /** A new session gets the id of an earlier one of the same owner that has ended. */
  repeatsSessions?: boolean;
}

/**
 * The quorum as one object: it orders writes, opens and ends sessions, and keeps the newest znodes, by which it
 * decides. Each server applies the resulting log at its own pace.
 */
export class Authority {
  readonly log: Transaction[] = [];
  readonly sessions = new Map<bigint, SessionRecord>();
  readonly #tree = new Tree();
  readonly #runtime: Runtime;
  readonly #committed: (entry: Committed) => void;
  /** Sessions that ended because the client was silent for too long. */
  readonly fellSilent = new Set<bigint>();
  readonly #faulty: Faulty;
  /** Ids of sessions that have ended, by owner. */
  readonly #used = new Map<string, bigint[]>();
  /** How far the wall clock of the servers is ahead of the world's; behind it, where this is negative. */
  aheadMs = 0;
  #zxid = 0n;
  #nextSession = 0x1000_0000_0001n;
  #nextAttachment = 1;

  /** `committed` is called after each new entry of the log. */
  constructor(runtime: Runtime, committed: (entry: Committed) => void, faulty: Faulty = {}) {
    this.#runtime = runtime;
    this.#faulty = faulty;
    this.#committed = committed;
  }

  get tree(): Tree {
    return this.#tree;
  }

  openSession(timeoutMs: number, password: Buffer, owner: string): SessionRecord {
    const id = this.#newSessionId(owner);
    const session = { id, owner, password, timeoutMs, heardMs: this.#runtime.monotonic(), attachment: 0 };
    this.sessions.set(id, session);
    this.fellSilent.delete(id);
    this.#append(this.#draft());
    return session;
  }

  #newSessionId(owner: string): bigint {
    const used = this.#faulty.repeatsSessions === true ? this.#used.get(owner)?.pop() : undefined;
    return used ?? this.#nextSession++;
  }

  /** Gives the session to a new connection. Returns the number that the connection must pass with each write. */
  attach(session: SessionRecord): number {
    session.heardMs = this.#runtime.monotonic();
    session.attachment = this.#nextAttachment++;
    return session.attachment;
  }

  /** Does all of the writes or none. */
  decide(sent: readonly Write[], requester: Requester, attachment: number): Decision {
    const session = this.sessions.get(requester.sessionId);
    if (session === undefined) return this.#refuse(ERROR_CODES.SESSION_EXPIRED, 0);
    if (session.attachment !== attachment) return this.#refuse(ERROR_CODES.SESSION_MOVED, 0);
    const asked = this.#faulty.mishears?.(sent, requester.sessionId, this.#tree) ?? sent;
    const writes = this.#faulty.alter?.(asked, requester.sessionId, this.#tree) ?? asked;
    const draft = this.#draft();
    const operations: (TransactionOperation | null)[] = [];
    for (const [index, write] of writes.entries()) {
      try {
        const operation = prepare(draft, write, requester);
        operations.push(operation);
        if (operation !== null) draft.add(operation);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return this.#refuse(error.code, index);
      }
    }
    const zxid = this.#append(draft, requester.sessionId, asked);
    return { ok: true, zxid, operations };
  }

  /** Somebody deletes a znode by hand. Nothing happens where there is none. */
  deleteByHand(path: string): void {
    if (this.#tree.get(path) === undefined) return;
    const draft = this.#draft();
    draft.add({ op: 'delete', ...placeOf(path) });
    this.#append(draft, 0n, [{ op: 'delete', path, version: -1 }]);
  }

  /** Ends the session and its ephemerals in one transaction. */
  closeSession(id: bigint): bigint {
    const session = this.sessions.get(id);
    if (session === undefined) return this.#zxid;
    this.sessions.delete(id);
    this.#used.set(session.owner, [...(this.#used.get(session.owner) ?? []), id]);
    const owned = [...this.#tree.paths()].filter((path) => this.#tree.get(path)?.stat.ephemeralOwner === id);
    const draft = this.#draft();
    for (const path of owned) draft.add({ op: 'delete', ...placeOf(path) });
    return this.#append(draft, id);
  }

  /** Ends the sessions that were silent for their timeout. Returns their ids. */
  expireSilent(): bigint[] {
    const silent = [...this.sessions.values()].filter(
      ({ heardMs, timeoutMs }) => this.#runtime.monotonic() - heardMs > timeoutMs * (this.#faulty.patience ?? 1),
    );
    for (const { id } of silent) {
      this.fellSilent.add(id);
      this.closeSession(id);
    }
    return silent.map(({ id }) => id);
  }

  /** A refused write has its place in the order of transactions too; it changes nothing. */
  #refuse(code: number, index: number): Decision {
    return { ok: false, zxid: this.#append(this.#draft()), code, index };
  }

  /** The next transaction. */
  #draft(): Draft {
    return new Draft(this.#tree, this.#zxid + 1n, this.#runtime.now() + this.aheadMs);
  }

  #append({ operations, changes }: Draft, sessionId = 0n, writes: readonly Write[] | null = null): bigint {
    this.#zxid++;
    const transaction = { zxid: this.#zxid, operations, changes };
    this.#tree.apply(transaction);
    this.log.push(transaction);
    this.#committed({ transaction, sessionId, writes });
    return this.#zxid;
  }
}
