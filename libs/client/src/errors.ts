import { DroverError, type TaskId } from '@drover/core';

/** Thrown by a submit while so much is unfinished that operators allow no more. Nothing was submitted: try later. */
export class IntakeClosedError extends DroverError {
  override readonly name = 'IntakeClosedError';
  readonly tasks: number;
  readonly bytes: number;
  readonly maxTasks: number;
  readonly maxBytes: number;
  constructor({
    tasks,
    bytes,
    maxTasks,
    maxBytes,
  }: {
    tasks: number;
    bytes: number;
    maxTasks: number;
    maxBytes: number;
  }) {
    super(
      `the system is full: ${tasks} tasks with ${bytes} bytes of payload are unfinished, at most ${maxTasks} tasks and ` +
        `${maxBytes} bytes are allowed; submit again when there are fewer, or have the schedulers' limits raised`,
    );
    this.tasks = tasks;
    this.bytes = bytes;
    this.maxTasks = maxTasks;
    this.maxBytes = maxBytes;
  }
}

/**
 * Thrown by `submit` while so much of this client's is submitted and not written that it would run out of memory.
 * This task was not submitted; those before it are on their way.
 */
export class TooManyUnwrittenError extends DroverError {
  override readonly name = 'TooManyUnwrittenError';
  readonly tasks: number;
  readonly bytes: number;
  constructor({ tasks, bytes }: { tasks: number; bytes: number }) {
    super(
      `${tasks} tasks with ${bytes} bytes of payload were submitted and are not written yet, which is all that this ` +
        'client may hold: await submit before you submit more, or give the tasks to submitMany or run, which read them ' +
        'as fast as they are written (limits.unwrittenTasks and limits.unwrittenBytes raise the bound)',
    );
    this.tasks = tasks;
    this.bytes = bytes;
  }
}

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
  override readonly category = 'usage';
  constructor(driver: string, what: string, lacks: string) {
    super(`${what} needs ${lacks}, which the driver '${driver}' lacks: use the driver 'drover'`);
  }
}
