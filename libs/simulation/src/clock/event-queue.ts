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
    const heap = this.#heap;
    const entry: Entry = { atMs, run, order: this.#added++, cancelled: false };
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
    return entry;
  }

  /** When the next one that was not cancelled is due; `null` where there is none. */
  nextAtMs(): number | null {
    for (;;) {
      const next = this.#heap[0];
      if (next?.cancelled !== true) return next?.atMs ?? null;
      this.#takeAny();
    }
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
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  /** Moves the entry down from the top to its place. */
  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        below++;
      }
      if (!isBefore(child, entry)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = entry;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
