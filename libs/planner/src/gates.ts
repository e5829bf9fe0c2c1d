import { Heap } from './collections.js';
import type { QueueState } from './queue-state.js';
import type { SubQueue } from './sub-queue.js';

/**
 * Sub-queues that have met a closed gate. They are out of the contest and cost nothing. When the gate opens one of them
 * comes back, the one whose turn would be first; it stands for the others, and the next one comes when its queue was
 * served. So opening costs O(log n), however many wait.
 */
export abstract class Aside {
  readonly waiting = new Heap<SubQueue>(isBeforeAside);
  /** The one that came back for the others. */
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

  add(sub: SubQueue): Aside {
    const { queue } = sub;
    let aside = this.find(queue);
    if (aside === null) {
      const corner = new Corner(this, queue);
      (this.#corners ??= new Map<QueueState, Corner>()).set(queue, corner);
      aside = corner;
    }
    remember(sub);
    aside.waiting.add(sub);
    return aside;
  }

  /** Nobody waits in a corner of it any more: nobody need know of it. */
  tidy(aside: Aside): void {
    if (!(aside instanceof Corner) || aside.waiting.size > 0 || aside.candidate !== null) return;
    this.#corners?.delete(aside.queue);
    if (this.#corners?.size === 0) this.#corners = null;
  }
}

/** As a gate knows a sub-queue: priority and virtual times when it was set aside. */
export interface AsideAs {
  priority: number;
  queueServed: number;
  queueTurn: number;
  tenantServed: number;
  tenantTurn: number;
  served: number;
  turn: number;
}

function isBeforeAside(one: SubQueue, other: SubQueue): boolean {
  const [a, b] = [one.asideAs, other.asideAs];
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.queueServed !== b.queueServed) return a.queueServed < b.queueServed;
  if (a.queueTurn !== b.queueTurn) return a.queueTurn < b.queueTurn;
  if (one.queue !== other.queue) return one.queue.number < other.queue.number;
  if (a.tenantServed !== b.tenantServed) return a.tenantServed < b.tenantServed;
  if (a.tenantTurn !== b.tenantTurn) return a.tenantTurn < b.tenantTurn;
  if (one.level.tenant !== other.level.tenant) return one.level.tenant.number < other.level.tenant.number;
  if (one.level.priority !== other.level.priority) return one.level.priority > other.level.priority;
  return a.served < b.served || (a.served === b.served && a.turn < b.turn);
}

export function remember({ asideAs, queue, level, served, turn }: SubQueue): void {
  const { tenant } = level;
  asideAs.priority = queue.settings.priority;
  asideAs.queueServed = queue.served;
  asideAs.queueTurn = queue.turn;
  asideAs.tenantServed = tenant.served;
  asideAs.tenantTurn = tenant.turn;
  asideAs.served = served;
  asideAs.turn = turn;
}

export function isRemembered({ asideAs, queue, level, served, turn }: SubQueue): boolean {
  const { tenant } = level;
  return (
    asideAs.queueServed === queue.served &&
    asideAs.queueTurn === queue.turn &&
    asideAs.tenantServed === tenant.served &&
    asideAs.tenantTurn === tenant.turn &&
    asideAs.served === served &&
    asideAs.turn === turn &&
    asideAs.priority === queue.settings.priority
  );
}
