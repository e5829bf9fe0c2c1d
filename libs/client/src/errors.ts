import { DroverError, type TaskId } from '@drover/core';

/** Thrown by `task.result({ timeout })` when the time is up; the task goes on. */
export class ResultTimeoutError extends DroverError {
  override readonly name = 'ResultTimeoutError';
  readonly taskId: TaskId;
  readonly timeoutMs: number;
  constructor(taskId: TaskId, timeoutMs: number) {
    super(`task ${taskId} has not ended within ${timeoutMs} ms; it goes on`);
    this.taskId = taskId;
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown by everything that was waiting, or is called, after `close()`. */
export class ClientClosedError extends DroverError {
  override readonly name = 'ClientClosedError';
  constructor() {
    super('this client was closed');
  }
}

/** Thrown when a command found no leader for as long as it waited. It was not carried out. */
export class NoLeaderError extends DroverError {
  override readonly name = 'NoLeaderError';
  constructor(waitedMs: number) {
    super(`no scheduler has led for ${waitedMs} ms: start one with 'drover scheduler'`);
  }
}

/** Thrown when the leader did not answer a command in time. It may still be carried out if the leader was about to. */
export class CommandTimeoutError extends DroverError {
  override readonly name = 'CommandTimeoutError';
  constructor(kind: string, leader: string, waitedMs: number) {
    super(`the leader (${leader}) has not answered '${kind}' within ${waitedMs} ms`);
  }
}

/** Thrown when the leader refused a command; the message says why. */
export class CommandRefusedError extends DroverError {
  override readonly name = 'CommandRefusedError';
}

/** Thrown when the driver that this client was given can only read. */
export class ReadOnlyDriverError extends DroverError {
  override readonly name = 'ReadOnlyDriverError';
  constructor(driver: string, what: string, lacks: string) {
    super(`${what} needs ${lacks}, which the driver '${driver}' lacks: use the driver 'drover'`);
  }
}
