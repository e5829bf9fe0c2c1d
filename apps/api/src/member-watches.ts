import type { Session } from '@drover/coordination';
import { ROOTS } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import { needNotSucceed, type WatchEvent, type ZooKeeper } from '@drover/zookeeper';

export interface MemberNews {
  /** Members came or went, settings changed, or something may have been missed. */
  changed: () => void;
  /** Counts, or what workers run, were written anew: often, where there is much to do. */
  counted: () => void;
}

/**
 * Five watches that tell when the lists of members are out of date, so that nobody needs to read them now and then. ZooKeeper
 * tells an event before any answer that shows its change, so a reading that began after the last event is up to date for as
 * long as no event comes. After a reconnect the session sets the watches again, and says so: events may have been missed.
 *
 * Assignments are not watched: there is an event for each. The tasks that are out at a worker change with the counts of the
 * leader, which are in `/status`, and the leader tells of drains.
 */
export class MemberWatches {
  readonly #session: Session;
  readonly #news: MemberNews;
  #watched = 0;
  #standing = 0;

  constructor(session: Session, news: MemberNews) {
    this.#session = session;
    this.#news = news;
    session.onState(({ state }) => {
      if (state === 'connected') this.#follow();
    });
    if (session.state === 'connected') this.#follow();
  }

  /** All of the watches stand, and ZooKeeper is there. */
  get isFollowing(): boolean {
    const { state, incarnation } = this.#session;
    return state === 'connected' && this.#standing === incarnation && incarnation > 0;
  }

  #follow(): void {
    const { zk, incarnation } = this.#session;
    if (this.#watched === incarnation) return;
    this.#watched = incarnation;
    inBackground(
      this.#watch(zk).then(() => {
        if (this.#watched !== incarnation) return;
        // A reading from before may be older than the watches.
        this.#news.changed();
        this.#standing = incarnation;
      }),
      (error) => {
        this.#watched = 0;
        needNotSucceed(error);
      },
    );
  }

  async #watch(zk: ZooKeeper): Promise<void> {
    const { changed, counted } = this.#news;
    const members = (event: WatchEvent): void => (event.type === 'changed' ? counted() : changed());
    await Promise.all([
      zk.watch(ROOTS.leader, 'persistent', { event: changed, reset: changed }),
      zk.watch(ROOTS.status, 'persistent', { event: counted, reset: changed }),
      zk.watch(ROOTS.queues, 'recursive', { event: changed, reset: changed }),
      zk.watch(ROOTS.schedulers, 'recursive', { event: changed, reset: changed }),
      zk.watch(ROOTS.workers, 'recursive', { event: members, reset: changed }),
    ]);
  }
}
