import type { LimitKey } from './limits.js';
import type { QueueState } from './queue-state.js';
import type { Route } from './routes.js';
import type { SubQueue } from './sub-queue.js';
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

/** Those of a queue that has a minimum share: any of them may be before all others. */
class Corner extends Aside {
  readonly gate: Gate;
  readonly queue: QueueState;

  constructor(gate: Gate, queue: QueueState) {
    super();
    this.gate = gate;
    this.queue = queue;
  }
}

/** A gate may stop a sub-queue whose turn has come: it holds those that wait, but for those in corners. */
export class Gate extends Aside {
  isOpen = true;
  /** Sub-queues that take turns now and would pass here. */
  standing = 0;
  #corners: Map<QueueState, Corner> | null = null;

  get gate(): this {
    return this;
  }

  /** Sub-queues that wait here. */
  get size(): number {
    let size = this.waiting.size;
    if (this.#corners !== null) for (const { waiting } of this.#corners.values()) size += waiting.size;
    return size;
  }

  asides(): Iterable<Aside> {
    return this.#corners === null ? [this] : [this, ...this.#corners.values()];
  }

  /** The corner in which sub-queues of the queue wait; null: none of them does, in a corner of their own. */
  find(queue: QueueState): Aside | null {
    return queue.guarantee === null ? this : (this.#corners?.get(queue) ?? null);
  }

  add(waiter: Waiter): Aside {
    const { queue } = waiter;
    let aside = this.find(queue);
    if (aside === null) {
      const corner = new Corner(this, queue);
      (this.#corners ??= new Map<QueueState, Corner>()).set(queue, corner);
      aside = corner;
    }
    aside.waiting.add(waiter);
    return aside;
  }

  /** Nobody waits in a corner of it any more: nobody need know of it. */
  tidy(aside: Aside): void {
    if (!(aside instanceof Corner) || aside.waiting.size > 0 || aside.candidate !== null) return;
    this.#corners?.delete(aside.queue);
    if (this.#corners?.size === 0) this.#corners = null;
  }
}

/**
 * Those who wait for a key of a limit, and whose tasks the same workers may run: who is first of them could go out when
 * the key has room, and the workers have.
 */
export class Side extends Gate {
  override isOpen = false;
  readonly key: LimitKey;
  readonly route: Route;

  constructor(key: LimitKey, route: Route) {
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
