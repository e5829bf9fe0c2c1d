import type { Account } from './accounts.js';
import type { QueueState } from './queue-state.js';
import type { Route } from './routes.js';
import type { Strand } from './strands.js';
import type { SubQueue } from './sub-queue.js';
import { isTurnBefore } from './turn-order.js';
import { Waiting, type Waiter } from './waiting.js';

/**
 * Sub-queues that have met a closed gate. They are out of the contest and cost nothing. When the gate opens one of them
 * comes back, the one whose turn would be first; it stands for the others, and the next one comes when its queue was
 * served. So opening costs O(log n), however many wait.
 */
export abstract class Aside {
  readonly waiting = new Waiting();
  /** The one that came back for the others; of a strand that did so it is the sub-queue. */
  candidate: SubQueue | null = null;

  abstract get gate(): Gate;
}

/**
 * Those of a queue that has a minimum share: any of them may be before all others. Or those of an account: what an account
 * holds grows and shrinks while they wait, so the contest alone says which account is first.
 */
class Corner extends Aside {
  readonly gate: Gate;
  readonly owner: Owner;

  constructor(gate: Gate, owner: Owner) {
    super();
    this.gate = gate;
    this.owner = owner;
  }
}

type Owner = QueueState | Account;

/** Null: those of the default account need no corner, so there is none while it is the only one. */
function ownerOf(queue: QueueState): Owner | null {
  if (queue.guarantee !== null) return queue;
  const { account } = queue;
  return account.isDefault ? null : account;
}

/** A gate may stop a sub-queue whose turn has come: it holds those that wait, but for those in corners. */
export class Gate extends Aside {
  isOpen = true;
  /** Sub-queues that take turns now and would pass here. */
  standing = 0;
  #corners: Map<Owner, Corner> | null = null;

  get gate(): this {
    return this;
  }

  /** Sub-queues that wait here. */
  get size(): number {
    let size = this.waiting.size;
    if (this.#corners !== null) for (const { waiting } of this.#corners.values()) size += waiting.size;
    return size;
  }

  /** The sub-queue whose turn is first of those that wait; null: none does. */
  get head(): SubQueue | null {
    let head = this.waiting.first?.sub ?? null;
    if (this.#corners !== null)
      for (const { waiting } of this.#corners.values()) head = earlier(head, waiting.first?.sub);
    return head;
  }

  asides(): Iterable<Aside> {
    return this.#corners === null ? [this] : [this, ...this.#corners.values()];
  }

  /** The place where sub-queues of the queue wait; null: none of them does, in a corner of their own. */
  find(queue: QueueState): Aside | null {
    const owner = ownerOf(queue);
    return owner === null ? this : (this.#corners?.get(owner) ?? null);
  }

  add(waiter: Waiter): Aside {
    const aside = this.find(waiter.queue) ?? this.#makeCorner(waiter.queue);
    aside.waiting.add(waiter);
    return aside;
  }

  #makeCorner(queue: QueueState): Aside {
    const owner = ownerOf(queue) ?? queue;
    const corner = new Corner(this, owner);
    (this.#corners ??= new Map<Owner, Corner>()).set(owner, corner);
    return corner;
  }

  /** Nobody waits in a corner of it any more: nobody need know of it. */
  tidy(aside: Aside): void {
    if (!(aside instanceof Corner) || aside.waiting.size > 0 || aside.candidate !== null) return;
    this.#corners?.delete(aside.owner);
    if (this.#corners?.size === 0) this.#corners = null;
  }
}

/** Whichever has its turn first. */
export const earlier = (a: SubQueue | null, b: SubQueue | null = null): SubQueue | null =>
  a === null || (b !== null && isTurnBefore(b, a)) ? b : a;

/**
 * Something countable that has room, or none: a key of a limit, a quota. Sub-queues and strands that meet it without
 * room wait at its sides.
 */
export abstract class Key {
  /** Sub-queues and strands that speak of it. */
  users = 0;
  /** The one strand that waits here, while there is no other. */
  waiter: Strand | null = null;
  /** Those who wait, by the workers that may run their tasks; null: nobody does, but for the waiter. */
  sides: Map<Route, Side> | null = null;
  /** Whether it had room when it was looked at last, for those who wait. */
  isOpen = false;
  /** Tasks that are being taken to go out, and are not counted yet. */
  taking = 0;

  /** Tasks that may go out now. */
  abstract room(now: number): number;

  get hasWaiting(): boolean {
    return this.waiter !== null || (this.sides !== null && this.sides.size > 0);
  }
}

/**
 * Those who wait for a key, and whose tasks the same workers may run: who is first of them could go out when
 * the key has room, and the workers have.
 */
export class Side extends Gate {
  override isOpen = false;
  readonly key: Key;
  readonly route: Route;

  constructor(key: Key, route: Route) {
    super();
    this.key = key;
    this.route = route;
  }

  override tidy(aside: Aside): void {
    super.tidy(aside);
    const { key, route } = this;
    for (const { waiting, candidate } of this.asides()) if (waiting.size > 0 || candidate !== null) return;
    if (key.sides?.get(route) !== this) return;
    key.sides.delete(route);
    if (key.sides.size === 0) key.sides = null;
    route.sides.delete(this);
  }
}
