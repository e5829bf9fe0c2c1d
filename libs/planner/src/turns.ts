import { Heap, type HeapItem } from './collections.js';

/** A member that takes turns: served by virtual time, in tasks (or milliseconds) divided by weight. */
export interface Share extends HeapItem {
  served: number;
  /** When it was served last, as a count of servings; breaks ties. */
  turn: number;
  /** Breaks the others: of those that were never served, too, everybody must say alike who is first. */
  readonly number: number;
}

/** In tasks, or milliseconds, of weight 1. */
export const MAX_BEHIND = 10_000;

/**
 * One level of the contest, weighted fair sharing by virtual time: whoever has been served least for its weight is
 * next.
 * Shares are of tasks, or of time. A member that was blocked for long (paused, nobody may run what it has) does not get
 * everything when it comes back: it counts as behind by `MAX_BEHIND` at most.
 */
export class Turns<Member extends Share> {
  readonly #waiting: Heap<Member>;
  #turn = 0;
  /** The most that anybody has been served. */
  #front = 0;
  /** The count of the last one served, before it was served. */
  #now = 0;

  /** `isBefore`: whose turn comes first; default: of whoever was served least for its weight. */
  constructor(isBefore: (a: Member, b: Member) => boolean = isServedBefore) {
    this.#waiting = new Heap<Member>(isBefore);
  }

  /** The member whose turn it is. */
  get first(): Member | null {
    return this.#waiting.first;
  }

  get size(): number {
    return this.#waiting.size;
  }

  enter(member: Member): void {
    this.#waiting.add(member);
  }

  leave(member: Member): void {
    this.#waiting.remove(member);
  }

  /** Something else that decides its turn has changed. */
  moved(member: Member): void {
    this.#waiting.moved(member);
  }

  /** A member that had nothing to be served with begins where the others are. It must not have entered. */
  join(member: Member): void {
    member.served = Math.max(member.served, this.#now);
  }

  /** Also for a member that has not entered. */
  serve(member: Member, cost: number, weight: number): void {
    this.#now = Math.max(member.served, this.#front - MAX_BEHIND);
    member.turn = ++this.#turn;
    this.#grow(member, this.#now + cost / weight);
  }

  /** The work that it was served before has cost so much more than was thought. */
  charge(member: Member, cost: number, weight: number): void {
    this.#grow(member, member.served + cost / weight);
  }

  #grow(member: Member, served: number): void {
    member.served = served;
    this.#front = Math.max(this.#front, served);
    this.#waiting.moved(member);
  }
}

/** The least served, or the one whose last turn is longest ago. */
export const isServedBefore = (a: Share, b: Share): boolean =>
  a.served < b.served || (a.served === b.served && (a.turn < b.turn || (a.turn === b.turn && a.number < b.number)));
