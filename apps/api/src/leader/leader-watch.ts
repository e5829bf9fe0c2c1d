import type { Session } from '@drover/coordination';
import { decodeRecord, ROOTS, type LeaderRecord } from '@drover/protocol';
import { inBackground, type Runtime } from '@drover/runtime';
import { needNotSucceed, nullOn, type ZooKeeper } from '@drover/zookeeper';

export interface Leader {
  readonly id: string;
  readonly epoch: number;
  /** URL of its API; absent: it has none, or none yet. */
  readonly api?: string;
  /** When it became leader: milliseconds since 1970, by ZooKeeper's clock. */
  readonly since: number;
}

/** A change of the leader that this replica saw. */
export interface LeaderChange {
  readonly epoch: number;
  readonly leader: string;
  readonly at: number;
  /** For how long nobody led before; null: not known. */
  readonly leaderlessMs: number | null;
  /** From the election until the new leader spoke to this replica; null: it has not yet. */
  takeoverMs: number | null;
  readonly reason: string | null;
}

const CHANGES = 50;

/**
 * Follows `/leader` by one watch of the session, however many ask. While the session is suspended the last leader stays; a new
 * session looks again.
 */
export class LeaderWatch {
  readonly #session: Session;
  readonly #runtime: Runtime;
  readonly #listeners = new Set<(leader: Leader | null) => void>();
  readonly #changes: LeaderChange[] = [];
  #current: Leader | null = null;
  #known = false;
  #goneAt: number | null = null;
  #gone: string | null = null;
  #turn = 0;
  #watched = 0;

  constructor(session: Session, runtime: Runtime) {
    this.#session = session;
    this.#runtime = runtime;
    session.onState(({ state }) => {
      if (state === 'connected') this.#follow();
    });
    if (session.state === 'connected') this.#follow();
  }

  /** Null: nobody leads, or ZooKeeper has not been asked yet. */
  get current(): Leader | null {
    return this.#current;
  }

  /** Whether ZooKeeper has been asked once. */
  get known(): boolean {
    return this.#known;
  }

  /** The newest first, 50 at most. */
  get changes(): readonly LeaderChange[] {
    return this.#changes;
  }

  onChange(listener: (leader: Leader | null) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The leader of this epoch has told of itself. */
  spoke(epoch: number): void {
    const change = this.#changes[0];
    if (change?.epoch === epoch && change.takeoverMs === null)
      change.takeoverMs = Math.max(0, Math.round(this.#runtime.now() - change.at));
  }

  #follow(): void {
    const { zk, incarnation } = this.#session;
    // The session sets its watches again after a reconnect; only a new session needs a new one.
    if (this.#watched === incarnation) {
      inBackground(this.#read(zk), needNotSucceed);
      return;
    }
    this.#watched = incarnation;
    const look = (): void => inBackground(this.#read(zk), needNotSucceed);
    const watching = zk.watch(ROOTS.leader, 'persistent', { event: look, reset: look });
    inBackground(
      watching.then(() => this.#read(zk)),
      (error) => {
        this.#watched = 0;
        needNotSucceed(error);
      },
    );
  }

  async #read(zk: ZooKeeper): Promise<void> {
    const turn = ++this.#turn;
    const znode = await nullOn(zk.get(ROOTS.leader), 'NO_NODE');
    // An answer that is older than another read's says nothing.
    if (turn !== this.#turn) return;
    const record = znode === null ? null : readable(znode.data);
    this.#found(record === null || znode === null ? null : leaderOf(record, znode.stat.ctime));
  }

  #found(leader: Leader | null): void {
    const before = this.#current;
    this.#known = true;
    this.#current = leader;
    if (leader === null && before !== null) {
      this.#goneAt = this.#runtime.monotonic();
      this.#gone = before.id;
    }
    if (leader !== null && leader.epoch !== this.#changes[0]?.epoch) this.#changed(leader);
    if (before?.epoch !== leader?.epoch || before?.api !== leader?.api)
      for (const listener of this.#listeners) listener(leader);
  }

  #changed({ id, epoch, since }: Leader): void {
    const wasThere = this.#changes.length > 0;
    const leaderlessMs = this.#goneAt === null ? (wasThere ? 0 : null) : this.#runtime.monotonic() - this.#goneAt;
    const reason =
      this.#gone === null ? null : this.#gone === id ? 'a new term of the same leader' : `${this.#gone} left /leader`;
    this.#changes.unshift({
      ...{ epoch, leader: id, at: since, takeoverMs: null, reason },
      leaderlessMs: leaderlessMs === null ? null : Math.round(leaderlessMs),
    });
    this.#changes.splice(CHANGES);
    this.#goneAt = null;
  }
}

function leaderOf({ id, epoch, api }: LeaderRecord, since: number): Leader {
  return { id, epoch, since, ...(api === undefined ? {} : { api }) };
}

function readable(data: Uint8Array): LeaderRecord | null {
  try {
    return decodeRecord('leader', ROOTS.leader, data);
  } catch {
    return null;
  }
}
