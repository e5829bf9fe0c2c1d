import type { BatchId } from '@drover/core';
import type { ReadRecord } from '@drover/protocol';

/** The place of the result for one position of a step: a task, or the note of a signal. */
export type Place =
  | { readonly kind: 'task'; readonly batch: BatchId; readonly index: number }
  | { readonly kind: 'note'; readonly note: string };

/** The places of results, by step and position: the fields `reads` and `outputs` of records. Pure. */
export class Places {
  readonly #byStep = new Map<string, ReadRecord[]>();

  constructor(reads: readonly ReadRecord[]) {
    for (const read of reads) {
      const found = this.#byStep.get(read[0]);
      if (found === undefined) this.#byStep.set(read[0], [read]);
      else found.push(read);
    }
  }

  get steps(): Iterable<string> {
    return this.#byStep.keys();
  }

  /** `null`: there is no result. */
  find(step: string, position: number): Place | null {
    const read = this.#byStep.get(step)?.find((each) => covers(each, position));
    if (read === undefined) return null;
    if (read.length === 3) return { kind: 'note', note: read[2] };
    const [, at, batch, index] = read;
    return { kind: 'task', batch, index: index + position - at };
  }

  /** The stretches of tasks that have the positions `[from, to)` of a step, in their order. */
  *tasks(
    step: string,
    from: number,
    to: number,
  ): Generator<{ at: number; batch: BatchId; index: number; count: number }> {
    const found = (this.#byStep.get(step) ?? []).filter((read) => read.length === 5).sort((a, b) => a[1] - b[1]);
    for (const [, at, batch, index, count] of found) {
      const first = Math.max(at, from);
      const end = Math.min(at + count, to);
      if (first < end) yield { at: first, batch, index: index + first - at, count: end - first };
    }
  }

  /** One more than the last position of a step that has a result. */
  end(step: string): number {
    return (this.#byStep.get(step) ?? []).reduce((end, read) => Math.max(end, endOf(read)), 0);
  }
}

const endOf = (read: ReadRecord): number => (read.length === 3 ? read[1] + 1 : read[1] + read[4]);
const covers = (read: ReadRecord, position: number): boolean => read[1] <= position && position < endOf(read);
