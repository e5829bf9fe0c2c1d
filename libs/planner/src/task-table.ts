import { NO_PROGRESS, type Progress } from '@drover/core';

/**
 * Where a task is, as one byte.
 * waiting: never out yet, its run's cursor will come to it (perhaps when its delay is over) · again: was out before, due,
 * in the lane's second queue · retrying: due later, in the heap · suspect: due, with the suspects · out: an assignment
 * holds it · the rest are final. The order counts: before `out` a task waits, after it it is over.
 */
export const TASK = {
  waiting: 0,
  again: 1,
  retrying: 2,
  suspect: 3,
  out: 4,
  succeeded: 5,
  failed: 6,
  cancelled: 7,
} as const;
export type TaskCode = (typeof TASK)[keyof typeof TASK];

export const isFinalCode = (code: TaskCode): boolean => code >= TASK.succeeded;

/** What is remembered of the tasks of one batch: 5 bytes each, 4 more when an attempt has gone wrong. */
export class TaskTable {
  readonly #codes: Uint8Array;
  /** The assignment that holds the task, by its number here; 0: none. */
  readonly #holders: Uint32Array;
  #attempts: Uint16Array | null = null;
  #failures: Uint8Array | null = null;
  #losses: Uint8Array | null = null;

  constructor(count: number) {
    this.#codes = new Uint8Array(count);
    this.#holders = new Uint32Array(count);
  }

  code(index: number): TaskCode {
    return (this.#codes[index] ?? TASK.waiting) as TaskCode;
  }

  setCode(index: number, code: TaskCode): void {
    this.#codes[index] = code;
  }

  holder(index: number): number {
    return this.#holders[index] ?? 0;
  }

  setHolder(index: number, seq: number): void {
    this.#holders[index] = seq;
  }

  /** Tasks `[from, to)` go out with an assignment. */
  hold(from: number, to: number, seq: number): void {
    this.#codes.fill(TASK.out, from, to);
    this.#holders.fill(seq, from, to);
  }

  /** Those of `[from, to)` that the assignment holds succeeded; answers how many. */
  succeed(from: number, to: number, seq: number): number {
    let count = 0;
    for (let index = from; index < to; index++) {
      if (this.#holders[index] !== seq) continue;
      this.#holders[index] = 0;
      this.#codes[index] = TASK.succeeded;
      count++;
    }
    return count;
  }

  progress(index: number): Progress {
    const attempt = this.#attempts?.[index];
    if (attempt === undefined || attempt === 0) return NO_PROGRESS;
    return { attempt, failures: this.#failures?.[index] ?? 0, losses: this.#losses?.[index] ?? 0 };
  }

  setProgress(index: number, { attempt, failures, losses }: Progress): void {
    const count = this.#codes.length;
    (this.#attempts ??= new Uint16Array(count))[index] = attempt;
    (this.#failures ??= new Uint8Array(count))[index] = failures;
    (this.#losses ??= new Uint8Array(count))[index] = losses;
  }
}
