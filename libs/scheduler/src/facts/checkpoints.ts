import { indexesOf, type BatchId, type Range } from '@drover/core';

/**
 * In which results checkpoints are that attempts of unfinished batches have left: the newest of each task. Workers read
 * them there; the leader never does, and only names the places in the next assignment. Costs nothing while there are none.
 */
export class Checkpoints {
  readonly #results = new Map<BatchId, Map<number, string>>();

  /** A result was read that has checkpoints for these tasks. */
  found(batch: BatchId, result: string, tasks: readonly Range[]): void {
    const known = this.#results.get(batch) ?? new Map<number, string>();
    this.#results.set(batch, known);
    for (const index of indexesOf(tasks)) known.set(index, result);
  }

  /** Of these tasks, as assignments name them; `undefined`: there are none. */
  of(batch: BatchId, tasks: readonly Range[]): [index: number, result: string][] | undefined {
    const known = this.#results.get(batch);
    if (known === undefined) return undefined;
    const named = [...indexesOf(tasks)].flatMap((index): [number, string][] => {
      const result = known.get(index);
      return result === undefined ? [] : [[index, result]];
    });
    return named.length === 0 ? undefined : named;
  }

  /** The batch is finished, or gone. */
  forget(batch: BatchId): void {
    this.#results.delete(batch);
  }
}
