import { DroverError, type TaskFailure, type TaskId } from '@drover/core';

/** Thrown by `run.result()` when the run ended as failed. */
export class FlowFailedError extends DroverError {
  override readonly name = 'FlowFailedError';
  readonly run: string;
  /** As the leader says it: the deadline, an invalid plan. Null: a step failed. */
  readonly reason: string | null;
  /** The step that failed; null: nobody could be asked, or none did. */
  readonly step: string | null;
  /** Its task, and why that failed. */
  readonly taskId: TaskId | null;
  readonly failure: TaskFailure | null;
  constructor(run: string, why: Pick<FlowFailedError, 'reason' | 'step' | 'taskId' | 'failure'>) {
    const { step, reason, taskId, failure } = why;
    const what = step === null ? '' : `: step '${step}'${taskId === null ? '' : ` (task ${taskId})`}`;
    const error = failure === null ? '' : `: ${failure.name}: ${failure.message}`;
    super(`run ${run} failed${what}${error}${reason === null ? '' : `; ${reason}`}`);
    this.run = run;
    this.reason = reason;
    this.step = step;
    this.taskId = taskId;
    this.failure = failure;
  }
}

/** Thrown by `run.result()` when the run was cancelled. */
export class FlowCancelledError extends DroverError {
  override readonly name = 'FlowCancelledError';
  readonly run: string;
  readonly reason: string | null;
  constructor(run: string, reason: string | null) {
    super(`run ${run} was cancelled${reason === null ? '' : `: ${reason}`}`);
    this.run = run;
    this.reason = reason;
  }
}

/** Thrown by what a run that has ended cannot take, such as a signal. Nothing was changed. */
export class FlowEndedError extends DroverError {
  override readonly name = 'FlowEndedError';
  readonly run: string;
  constructor(run: string, message?: string) {
    super(message === undefined ? `run ${run} has ended` : `run ${run}: ${message}`);
    this.run = run;
  }
}

/** Thrown when there is no such run: never started here, or removed by retention. */
export class RunNotFoundError extends DroverError {
  override readonly name = 'RunNotFoundError';
  override readonly category = 'usage';
  readonly run: string;
  constructor(run: string) {
    super(`no run ${run}: it was never started here, or retention has removed it`);
    this.run = run;
  }
}

/** Thrown by `run.result({ timeout })` when the time is up; the run goes on. */
export class RunTimeoutError extends DroverError {
  override readonly name = 'RunTimeoutError';
  readonly run: string;
  readonly timeoutMs: number;
  constructor(run: string, timeoutMs: number) {
    super(`run ${run} did not finish within ${timeoutMs} ms; it continues`);
    this.run = run;
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown when tasks are given to a group that is closed. None of these was added. */
export class GroupClosedError extends DroverError {
  override readonly name = 'GroupClosedError';
  override readonly category = 'usage';
  readonly run: string;
  constructor(run: string) {
    super(`the group ${run} is closed: it takes no more tasks; open another one`);
    this.run = run;
  }
}

/** Thrown when a map is given more items than it may have. Nothing was started. */
export class TooManyItemsError extends DroverError {
  override readonly name = 'TooManyItemsError';
  override readonly category = 'usage';
  constructor(step: string, most: number) {
    super(`more than ${most} items for the map '${step}': split them, or let each item stand for several`);
  }
}

/**
 * Thrown when a run could not be started, since the leader had removed the items that were written for it: ten minutes had
 * passed since the last of them. Nothing was started; start it again.
 */
export class ItemsRemovedError extends DroverError {
  override readonly name = 'ItemsRemovedError';
  constructor(flow: string) {
    super(
      `the items for flow '${flow}' are no longer there: after the last of them the run must be started within ten minutes; ` +
        'start it again, and read the items faster',
    );
  }
}
