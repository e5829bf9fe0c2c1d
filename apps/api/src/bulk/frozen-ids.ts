import { parseTaskId, taskId, type BatchId, type TaskId } from '@drover/core';

/**
 * Ids of tasks, in the order of their batches and indexes, which is the order in which they were submitted. Six bytes each, and the
 * id of each batch once.
 */
export class FrozenIds {
  readonly #batches: BatchId[] = [];
  #batchAt = new Uint32Array(1_024);
  #indexes = new Uint16Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** They are added in their order. */
  add(id: TaskId): void {
    const { batch, index } = placeOf(id);
    if (this.#length === this.#batchAt.length) this.#grow();
    if (this.#batches.at(-1) !== batch) this.#batches.push(batch);
    this.#batchAt[this.#length] = this.#batches.length - 1;
    this.#indexes[this.#length++] = index;
  }

  slice(from: number, to: number): TaskId[] {
    const ids: TaskId[] = [];
    for (let at = from; at < Math.min(to, this.#length); at++) ids.push(this.#idAt(at));
    return ids;
  }

  /** The first position behind this id, whether it is among them or not. */
  behind(id: TaskId): number {
    const { batch, index } = placeOf(id);
    let [from, to] = [0, this.#length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#isBehind(middle, batch, index)) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  #isBehind(at: number, batch: BatchId, index: number): boolean {
    const other = this.#batches[this.#batchAt[at] ?? 0] ?? '';
    return other === batch ? (this.#indexes[at] ?? 0) > index : other > batch;
  }

  #idAt(at: number): TaskId {
    return taskId(this.#batches[this.#batchAt[at] ?? 0] ?? '', this.#indexes[at] ?? 0);
  }

  #grow(): void {
    const batchAt = new Uint32Array(this.#length * 2);
    const indexes = new Uint16Array(this.#length * 2);
    batchAt.set(this.#batchAt);
    indexes.set(this.#indexes);
    this.#batchAt = batchAt;
    this.#indexes = indexes;
  }
}

const placeOf = (id: TaskId): { batch: BatchId; index: number } => parseTaskId(id) ?? { batch: '', index: 0 };
