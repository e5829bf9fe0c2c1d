import { foldEnd, NO_PROGRESS, taskId, type BatchId, type Progress, type TaskFailure, type TaskId } from '@drover/core';
import {
  attemptEndOf,
  failureOf,
  optionsAt,
  workerName,
  type ResultHeader,
  type TaskEnd,
  type TaskGroup,
} from '@drover/protocol';

/** The final end of a task. `worker`: `null` if the leader ended it while no worker had it. */
export type Ending = { attempt: number; worker: string | null } & (
  | { state: 'succeeded'; result: unknown }
  | { state: 'failed'; error: TaskFailure }
  | { state: 'cancelled'; winner?: TaskId; reason?: string }
);

/**
 * Derives the endings of a batch's tasks from the ends of their attempts, by the same rules as the leader: a failed
 * attempt that will be retried is no ending, and the first report of an attempt counts. Pure. The ends of one task
 * arrive in their order.
 */
export class EndingFold {
  readonly #batch: BatchId;
  readonly #groups: readonly TaskGroup[];
  /** Progress of tasks with an attempt that did not succeed: usually few. */
  readonly #progress = new Map<number, Progress>();

  constructor(batch: BatchId, groups: readonly TaskGroup[]) {
    this.#batch = batch;
    this.#groups = groups;
  }

  /**
   * `final`: the task had ended before. Returns `null` if callers that wait need not be told; `reopened`: the task runs
   * again.
   */
  endingOf(end: TaskEnd, header: ResultHeader, final: boolean): Ending | 'reopened' | null {
    const { index, outcome, line } = end;
    const before = this.#progress.get(index) ?? NO_PROGRESS;
    const { attempt } = header;
    const told = attemptEndOf(end, header);
    const options = (): TaskGroup => optionsAt(this.#groups, index);
    const verdict = foldEnd({ progress: before, isOver: final }, told, options, taskId(this.#batch, index));
    if (verdict === null) return null;
    const worker = header.leader === true ? null : workerName(header.worker);
    if (outcome === 'succeeded')
      return { state: 'succeeded', result: line !== null && 'result' in line ? line.result : null, attempt, worker };
    this.#progress.set(index, verdict.progress);
    switch (verdict.state) {
      case 'failed':
        return { state: 'failed', error: failureOf(end), attempt, worker };
      case 'cancelled': {
        const why = header.reason === undefined ? {} : { reason: header.reason };
        const winner = line !== null && 'winner' in line ? { winner: line.winner } : {};
        return { state: 'cancelled', ...winner, ...why, attempt, worker };
      }
      case 'succeeded':
      case 'pending':
      case 'retrying':
        return final ? 'reopened' : null;
    }
  }
}
