import type { schemas } from '@drover/api';
import { taskId, type ShownState } from '@drover/core';
import type { Known, TaskRow } from '@drover/planner';
import { workerName } from '@drover/protocol';
import type { TermView } from './term-view.js';

type ShownRow = schemas.TaskRow;

/** The knowledge of tasks that the term has beside the planner. */
export function knownIn(view: Pick<TermView, 'failures' | 'runningAt'>): Known {
  return {
    workerName,
    errorOf: (batch, index) => view.failures.errorOf(batch, index),
    isRunning: (worker, { batch, index }, attempt) => view.runningAt(worker, taskId(batch, index), attempt) !== null,
  };
}

/** A task of a list, with the fields that `drover ls` shows of it, as far as the leader remembers them. */
export function shownRow(row: TaskRow, { runningAt }: Pick<TermView, 'runningAt'>): ShownRow {
  const id = taskId(row.batch, row.index);
  const { type, queue, attempt, maxAttempts, submittedAt, workerId } = row;
  const running = workerId === null ? null : runningAt(workerId, id, attempt);
  const startedAt = running?.startedAt ?? row.assignedAt;
  return {
    ...{ id, type, queue, state: stateOf(row, running !== null), attempt, maxAttempts, submittedAt },
    ...(row.dueAt !== null && { dueAt: row.dueAt }),
    ...(startedAt !== null && { startedAt }),
    ...(row.finishedAt !== null && { finishedAt: row.finishedAt }),
    ...(workerId !== null && { worker: workerName(workerId) }),
    ...(row.key !== null && { key: row.key }),
    ...(row.tenant !== '' && { tenant: row.tenant }),
    ...(row.priority !== 0 && { priority: row.priority }),
    ...(running?.progress !== undefined && { progress: running.progress }),
    ...(row.error !== null && row.state !== 'succeeded' && { error: row.error }),
  };
}

/** Of one that has ended in a batch of an earlier release nobody wrote down whether it was cancelled. */
function stateOf({ state }: TaskRow, isRunning: boolean): ShownState {
  if (state === 'ended') return 'succeeded';
  return state === 'assigned' && isRunning ? 'running' : state;
}
