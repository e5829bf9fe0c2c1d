import type { Account } from '../accounts.js';
import type { Parked } from './parked.js';
import type { PlacedRoute } from './placed-route.js';
import type { PlacedWorker } from './placed-worker.js';

/**
 * Workers that have grown, and the parked routes that may use it. Very many may fit, and few get the room: so each worker wakes one
 * route alone of those that fit it, the one whose turn is first, and the contest says whose turn is first of all that were
 * woken. A worker looks again when the turn of its route is over, or when the account of that route was served: others come
 * before it perhaps. It is done when no parked route fits it. Routes whose tasks are tied to others are all woken: room
 * alone is not enough for them.
 *
 * Nobody waits beside room that it fits: a plan that is not cut short ends when every worker is done. A route that was woken may take
 * no turn (its queue is paused): then its worker looks again once nobody else takes a turn.
 */
export class Offers {
  readonly #parked: Parked;
  readonly #wake: (route: PlacedRoute) => void;
  /** Workers that are to look. */
  #due: PlacedWorker[] = [];
  /** Those that have woken a route, by its account; of a worker that has looked again since then nothing counts here. */
  readonly #made = new Map<Account, PlacedWorker[]>();
  /** Workers that are not done. */
  #open = 0;
  /** How often a worker was done. */
  #done = 0;

  constructor(parked: Parked, wake: (route: PlacedRoute) => void) {
    this.#parked = parked;
    this.#wake = wake;
  }

  /** True: room may be left that parked routes fit. */
  get areOpen(): boolean {
    return this.#open > 0;
  }

  grew(member: PlacedWorker): void {
    if (member.offer === 'due') return;
    if (member.offer === null) this.#open++;
    member.offer = 'due';
    this.#due.push(member);
  }

  /** The turn of a route is over that the worker has woken. */
  answered(member: PlacedWorker): void {
    if (member.offer !== null) this.grew(member);
  }

  /** The account holds more than before. */
  served(account: Account): void {
    const made = this.#made.get(account);
    if (made === undefined) return;
    this.#made.delete(account);
    for (const member of made) if (member.offer === account) this.grew(member);
  }

  /** Every worker that is to look does so. */
  make(): void {
    for (let member = this.#due.pop(); member !== undefined; member = this.#due.pop()) {
      const { first, others } = this.#parked.fitting(member);
      for (const route of others) this.#wake(route);
      const account = first?.head?.queue.account ?? null;
      member.offer = account;
      if (first === null || account === null) {
        this.#open--;
        this.#done++;
        continue;
      }
      const made = this.#made.get(account);
      if (made === undefined) this.#made.set(account, [member]);
      else made.push(member);
      this.#wake(first);
      first.grown = member;
      first.offeredAfter = this.#done;
    }
  }

  /** Nobody takes a turn: whoever has woken a route looks again. False: nobody has. */
  giveUp(): boolean {
    for (const account of [...this.#made.keys()]) this.served(account);
    return this.areOpen;
  }

  /** Of a route that was woken, and served: every worker that may have room for it is to look. */
  areAllDue({ offeredAfter }: PlacedRoute): boolean {
    return offeredAfter === this.#done && this.#open === this.#due.length;
  }
}
