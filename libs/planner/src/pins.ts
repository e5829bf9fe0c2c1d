import type { PinnedFact } from './model.js';
import type { BatchState } from './tasks.js';

/** The unfinished batches whose tasks are pinned to names of workers. */
export class Pins {
  readonly #byName = new Map<string, Set<BatchState>>();
  /** Some of their tasks may have lost the only workers that may run them. */
  readonly toCheck = new Set<BatchState>();

  enter(batch: BatchState, { workers }: PinnedFact): void {
    for (const name of workers) {
      const batches = this.#byName.get(name);
      if (batches === undefined) this.#byName.set(name, new Set([batch]));
      else batches.add(batch);
    }
    this.toCheck.add(batch);
  }

  leave(batch: BatchState, { workers }: PinnedFact): void {
    for (const name of workers) {
      const batches = this.#byName.get(name);
      if (batches?.delete(batch) === true && batches.size === 0) this.#byName.delete(name);
    }
    this.toCheck.delete(batch);
  }

  /** A worker of this name has come or gone, or may be given more or less. */
  changed(name: string): void {
    for (const batch of this.#byName.get(name) ?? []) this.toCheck.add(batch);
  }
}
