import TinyQueue from 'tinyqueue';
import type { BatchState, Run } from './batch-state.js';

/** What time alone brings about. Entries may be stale when they come up; whoever acts on one looks again. */
export type Due =
  /** The delay of a run is over. */
  | { kind: 'run'; run: Run }
  /** The next attempt of a task is due; `attempt` is the one that failed. */
  | { kind: 'retry'; batch: BatchState; index: number; attempt: number }
  /** The worker should have ended the assignment long ago. */
  | { kind: 'deadline'; assignment: number }
  /** The worker should have aborted what was cancelled. */
  | { kind: 'grace'; assignment: number }
  /** Suspects have waited long enough for a worker to be empty. */
  | { kind: 'suspects' };

type Entry = Due & { readonly at: number; readonly order: number };

/** Dues by time; those of the same time in the order in which they were added. */
export class DueHeap {
  readonly #heap = new TinyQueue<Entry>([], (a, b) => a.at - b.at || a.order - b.order);
  #order = 0;

  add(at: number, due: Due): void {
    this.#heap.push({ ...due, at, order: this.#order++ });
  }

  /** The next one that is due at `now`, taken out. */
  take(now: number): Due | null {
    const entry = this.#heap.peek();
    if (entry === undefined || entry.at > now) return null;
    this.#heap.pop();
    return entry;
  }

  get nextAt(): number | null {
    return this.#heap.peek()?.at ?? null;
  }
}
