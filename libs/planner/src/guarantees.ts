import Denque from 'denque';
import { Heap, type HeapItem } from './collections.js';
import type { QueueState } from './queue-state.js';

/** The last so many tasks that were handed out are counted. */
export const SHARE_WINDOW = 1_000;

/** The minimum share of a queue: the part of the last hand-outs that it is given, whatever its priority. */
export class Guarantee implements HeapItem {
  readonly queue: QueueState;
  readonly share: number;
  /** Tasks of it among the last that were handed out. */
  recent = 0;
  heapAt = -1;

  constructor(queue: QueueState, share: number) {
    this.queue = queue;
    this.share = share;
  }
}

interface HandOut {
  readonly guarantee: Guarantee | null;
  tasks: number;
}

/** The queues that have a minimum share. While none has one, nothing is counted. */
export class Guarantees {
  /** Those that take turns, who has the least for its share first. */
  readonly #order = new Heap<Guarantee>((a, b) => a.recent * b.share < b.recent * a.share);
  readonly #window: number;
  #last = new Denque<HandOut>();
  #total = 0;
  #size = 0;

  constructor(window: number) {
    this.#window = window;
  }

  /** The queue that lacks the most of its share, if one lacks any. */
  get first(): QueueState | null {
    const { first } = this.#order;
    return first !== null && this.#isLacking(first) ? first.queue : null;
  }

  #isLacking({ recent, share }: Guarantee): boolean {
    return recent < share * this.#total;
  }

  /** The queue must not take turns meanwhile. Null: none. */
  set(queue: QueueState, share: number | null): void {
    this.#size += Number(share !== null) - Number(queue.guarantee !== null);
    queue.guarantee = share === null ? null : new Guarantee(queue, share);
    if (this.#size > 0) return;
    this.#last = new Denque();
    this.#total = 0;
  }

  enter({ guarantee }: QueueState): void {
    if (guarantee !== null) this.#order.add(guarantee);
  }

  leave({ guarantee }: QueueState): void {
    if (guarantee !== null && guarantee.heapAt >= 0) this.#order.remove(guarantee);
  }

  /** So many tasks of the queue were handed out. Returns whether its share had brought that about. */
  serve({ guarantee }: QueueState, tasks: number): boolean {
    if (this.#size === 0) return false;
    const isOwed = guarantee !== null && this.#isLacking(guarantee);
    const last = this.#last.peekBack();
    if (last?.guarantee === guarantee) last.tasks += tasks;
    else this.#last.push({ guarantee, tasks });
    this.#count(guarantee, tasks);
    for (let first = this.#last.peekFront(); first !== undefined && this.#total > this.#window;) {
      const gone = Math.min(first.tasks, this.#total - this.#window);
      first.tasks -= gone;
      this.#count(first.guarantee, -gone);
      if (first.tasks === 0) this.#last.shift();
      first = this.#last.peekFront();
    }
    return isOwed;
  }

  #count(guarantee: Guarantee | null, tasks: number): void {
    this.#total += tasks;
    if (guarantee === null) return;
    guarantee.recent += tasks;
    this.#order.moved(guarantee);
  }
}
