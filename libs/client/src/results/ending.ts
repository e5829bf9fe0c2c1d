import { afterAttempt, NO_PROGRESS, taskId, type BatchId, type Progress, type TaskFailure } from '@drover/core';
import { failureOf, optionsAt, type ResultHeader, type TaskEnd, type TaskGroup } from '@drover/protocol';
import { nameOfWorker } from '../worker-name.js';

/** How a task ended for good. */
export type Ending = { attempt: number; worker: string } & (
  { state: 'succeeded'; result: unknown } | { state: 'failed'; error: TaskFailure } | { state: 'cancelled' }
);

/**
 * What the ends of attempts say about the tasks of a batch, by the one rule that the leader asks too: a failed attempt
 * that will be retried is no ending. Pure. Ends of one task are told once each, in their order.
 */
export class EndingFold {
  readonly #batch: BatchId;
  readonly #groups: readonly TaskGroup[];
  /** Of tasks that have had an attempt and are not final: few, as most succeed at once. */
  readonly #progress = new Map<number, Progress>();

  constructor(batch: BatchId, groups: readonly TaskGroup[]) {
    this.#batch = batch;
    this.#groups = groups;
  }

  /** `null`: the task goes on. */
  endingOf(end: TaskEnd, header: ResultHeader): Ending | null {
    const { attempt } = header;
    const worker = nameOfWorker(header.worker);
    const { index, outcome, line } = end;
    if (outcome === 'succeeded')
      return { state: 'succeeded', result: line !== null && 'result' in line ? line.result : null, attempt, worker };
    const retry = end.retryAfterMs === undefined ? {} : { retryAfterMs: end.retryAfterMs };
    const options = optionsAt(this.#groups, index);
    const before = this.#progress.get(index) ?? NO_PROGRESS;
    const verdict = afterAttempt(before, { outcome, attempt, ...retry }, options, taskId(this.#batch, index));
    switch (verdict.state) {
      case 'failed':
        return { state: 'failed', error: failureOf(end), attempt, worker };
      case 'cancelled':
        return { state: 'cancelled', attempt, worker };
      case 'succeeded':
      case 'pending':
      case 'retrying':
        this.#progress.set(index, verdict.progress);
        return null;
    }
  }
}
