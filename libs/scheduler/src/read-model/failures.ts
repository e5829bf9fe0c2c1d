import type { schemas } from '@drover/api';
import { taskId, type BatchId, type TaskId } from '@drover/core';
import type { TaskError } from '@drover/planner';

/** Errors that are remembered, of the tasks that failed last. */
const MOST_KNOWN = 10_000;
/** Failures that are told in detail. */
const MOST_A_SECOND = 200;
const MOST_CHARS = 200;

export type FailureEntry = schemas.FailureEntry;

/**
 * Attempts that failed in this term: the errors of the last ones, by task, for lists; and those that nobody was told of
 * yet. Beyond 200 a second they are only counted.
 */
export class Failures {
  readonly #errors = new Map<TaskId, TaskError>();
  #news: FailureEntry[] = [];
  #leftOut = 0;
  #second = 0;
  #inSecond = 0;

  /** Whether another one is to be noted in detail at `nowMs`, any clock; otherwise it is counted. */
  admits(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    if (this.#inSecond >= MOST_A_SECOND) {
      this.#leftOut++;
      return false;
    }
    this.#inSecond++;
    return true;
  }

  note(entry: FailureEntry): void {
    const { task } = entry;
    const error = { name: cut(entry.error.name), message: cut(entry.error.message) };
    this.#errors.delete(task);
    this.#errors.set(task, error);
    if (this.#errors.size > MOST_KNOWN) this.#forgetOldest();
    // Nobody asks while nobody follows.
    if (this.#news.length >= MOST_A_SECOND) {
      this.#news.shift();
      this.#leftOut++;
    }
    this.#news.push({ ...entry, error });
  }

  #forgetOldest(): void {
    for (const task of this.#errors.keys()) {
      this.#errors.delete(task);
      return;
    }
  }

  /** Null: not known. */
  errorOf(batch: BatchId, index: number): TaskError | null {
    return this.#errors.size === 0 ? null : (this.#errors.get(taskId(batch, index)) ?? null);
  }

  /** Those since the last call, and how many besides. */
  take(): { failures: readonly FailureEntry[]; leftOut: number } {
    const taken = { failures: this.#news, leftOut: this.#leftOut };
    this.#news = [];
    this.#leftOut = 0;
    return taken;
  }
}

const cut = (text: string): string => (text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS - 1)}…` : text);
