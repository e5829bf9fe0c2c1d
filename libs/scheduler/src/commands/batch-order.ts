import type { BatchId } from '@drover/core';

/**
 * Keeps the steps of one batch in order where some of them must read before they write. A step that needs no read, of a
 * batch with none under way, is done at once.
 */
export class BatchOrder {
  readonly #chains = new Map<BatchId, Promise<void>>();

  /** `step` must not reject. */
  run(batch: BatchId, step: () => Promise<void> | undefined): void {
    const before = this.#chains.get(batch);
    const chain = before === undefined ? step() : before.then(() => step());
    if (chain === undefined) return;
    this.#chains.set(batch, chain);
    void chain.then(() => {
      if (this.#chains.get(batch) === chain) this.#chains.delete(batch);
    });
  }

  /** Resolves when nothing is under way in these batches. */
  async settled(batches: Iterable<BatchId>): Promise<void> {
    for (const batch of batches)
      for (let chain = this.#chains.get(batch); chain !== undefined; chain = this.#chains.get(batch)) await chain;
  }
}
