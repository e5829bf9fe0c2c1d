import type { Account } from './accounts.js';
import type { HeapItem } from './collections.js';
import type { QueueState } from './queue-state.js';
import { isServedBefore, Turns, type Share } from './turns.js';

/** The queues of one priority: their accounts take turns. */
export class Band implements HeapItem {
  readonly priority: number;
  readonly seats = new Map<Account, Seat>();
  readonly turns = new Turns<Seat>(isSeatBefore);
  heapAt = -1;

  constructor(priority: number) {
    this.priority = priority;
  }

  /** The seat of the account, made now if there is none. */
  seat(account: Account): Seat {
    let seat = this.seats.get(account);
    if (seat === undefined) {
      seat = new Seat(this, account);
      this.seats.set(account, seat);
      account.seats.add(seat);
    }
    return seat;
  }
}

/** The queues of one account that have one priority. */
export class Seat implements Share {
  readonly band: Band;
  readonly account: Account;
  readonly turns = new Turns<QueueState>();
  /** All that there are of it, whether they wait or not. */
  readonly queues = new Set<QueueState>();
  served = 0;
  turn = 0;
  heapAt = -1;

  constructor(band: Band, account: Account) {
    this.band = band;
    this.account = account;
  }

  get number(): number {
    return this.account.number;
  }
}

/** An account below its guarantee goes first, then the one that holds least for its weight, then the least served. */
export function isSeatBefore(a: Seat, b: Seat): boolean {
  const { account: ofA } = a;
  const { account: ofB } = b;
  if (ofA.isBelow !== ofB.isBelow) return ofA.isBelow;
  if (ofA.measure !== ofB.measure) return ofA.measure < ofB.measure;
  return isServedBefore(a, b);
}

/** The order of two queues by its priority and its account: negative if the first goes first. */
export const compareOwners = (a: QueueState, b: QueueState): number =>
  b.settings.priority - a.settings.priority ||
  Number(b.account.isBelow) - Number(a.account.isBelow) ||
  a.account.measure - b.account.measure;
