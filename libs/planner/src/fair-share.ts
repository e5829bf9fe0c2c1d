/**
 * Weighted fair sharing by virtual time: whoever has been served least for its weight is next. Shares are of tasks.
 * One that was blocked for long (paused, nobody offers its type) does not get everything when it comes back: it may be
 * behind by `MAX_BEHIND` at most.
 */
export interface FairShare {
  /** Tasks served, divided by the weight. */
  served: number;
  /** When it was served last, as a count of servings; breaks ties. */
  turn: number;
}

export const newShare = (): FairShare => ({ served: 0, turn: 0 });

/** In tasks of weight 1. */
export const MAX_BEHIND = 10_000;

export class FairTurns {
  #turn = 0;
  /** The most that anybody has been served. */
  #front = 0;
  /** What the last one served had been served before. */
  #now = 0;

  /** Who is next among those that can be served now. */
  next<Member extends { readonly share: FairShare }>(members: Iterable<Member>): Member | null {
    let best: Member | null = null;
    for (const member of members) {
      if (best === null || this.#before(member.share, best.share)) best = member;
    }
    return best;
  }

  serve(share: FairShare, tasks: number, weight: number): void {
    this.#now = this.#reckoned(share);
    share.served = this.#now + tasks / weight;
    share.turn = ++this.#turn;
    this.#front = Math.max(this.#front, share.served);
  }

  /** A member that had nothing to be served with begins where the others are. */
  join(share: FairShare): void {
    share.served = Math.max(share.served, this.#now);
  }

  #before(a: FairShare, b: FairShare): boolean {
    const difference = this.#reckoned(a) - this.#reckoned(b);
    return difference < 0 || (difference === 0 && a.turn < b.turn);
  }

  #reckoned(share: FairShare): number {
    return Math.max(share.served, this.#front - MAX_BEHIND);
  }
}
