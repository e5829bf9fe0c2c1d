import type { BatchId } from '@drover/core';
import { inBackground } from '@drover/runtime';

/**
 * Keeps the steps of one batch in order, although some of them must read before they write. A step that needs no read
 * runs at once if no step of its batch is under way.
 */
export class BatchOrder {
  readonly #chains = new Map<BatchId, Promise<void>>();
  readonly #broken: (error: unknown) => void;

  /** `broken`: a step has rejected, and no step of its batch follows. */
  constructor(broken: (error: unknown) => void) {
    this.#broken = broken;
  }

  run(batch: BatchId, step: () => Promise<void> | undefined): void {
    const before = this.#chains.get(batch);
    const chain = before === undefined ? step() : before.then(() => step());
    if (chain === undefined) return;
    this.#chains.set(batch, chain);
    const ended = chain.then(() => {
      if (this.#chains.get(batch) === chain) this.#chains.delete(batch);
    });
    inBackground(ended, this.#broken);
  }

  /** Resolves when nothing is under way in these batches. */
  async settled(batches: Iterable<BatchId>): Promise<void> {
    for (const batch of batches)
      for (let chain = this.#chains.get(batch); chain !== undefined; chain = this.#chains.get(batch)) await chain;
  }
}
