export interface Event {
  /** Simulated milliseconds since the beginning. */
  readonly atMs: number;
  readonly run: () => void;
  cancelled: boolean;
}

interface Entry extends Event {
  readonly order: number;
}

/** Events by time; those of the same time in the order in which they were added. A binary heap. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #added = 0;

  add(atMs: number, run: () => void): Event {
    const entry: Entry = { atMs, run, order: this.#added++, cancelled: false };
    let at = this.#heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
    return entry;
  }

  /** The next one that was not cancelled; `null` where there is none. */
  take(): Event | null {
    for (;;) {
      const next = this.#takeAny();
      if (next?.cancelled !== true) return next;
    }
  }

  #takeAny(): Entry | null {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const child = left + 1 < heap.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#isBefore(child, at)) break;
      this.#swap(child, at);
      at = child;
    }
    return first;
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left === undefined || right === undefined) return false;
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left === undefined || right === undefined) return;
    this.#heap[a] = right;
    this.#heap[b] = left;
  }
}
