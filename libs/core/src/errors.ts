/** Why an attempt or a task failed, as stored and as shown. */
export interface TaskFailure {
  /** The error's class, e.g. `TypeError`; of Drover's own: one of `FAILURES`. */
  name: string;
  message: string;
  stack?: string;
  /** False: no further attempt. */
  retryable: boolean;
}

/** Names of failures that Drover itself gives as the reason, not a handler. */
export const FAILURES = {
  TIMEOUT: 'TaskTimeoutError',
  HEARTBEAT: 'HeartbeatTimeout',
  WORKER_LOST: 'WorkerLostError',
  HANDLER_EXITED: 'HandlerExitedError',
  HANDLER_BLOCKED: 'HandlerBlockedError',
  NO_HANDLER: 'UnknownTaskTypeError',
  PAYLOAD_INVALID: 'InvalidPayloadError',
  RESULT_TOO_LARGE: 'ResultTooLargeError',
  RESULT_NOT_JSON: 'ResultNotJsonError',
  THROWN_NON_ERROR: 'ThrownNonError',
  CANCELLED: 'TaskCancelledError',
  EXPIRED: 'TaskExpired',
  DEADLINE: 'DeadlineExceeded',
  KEY_MODE: 'KeyModeError',
  DEPENDENCY: 'UnknownDependency',
  WORKER_GONE: 'WorkerGoneError',
  UNPLACEABLE: 'UnplaceableError',
  PREEMPTED: 'TaskPreemptedError',
  NOT_UNDERSTOOD: 'UnknownFeatureError',
} as const;

/** The base class of all errors that Drover throws at its users, other than ZooKeeper's errors. */
export class DroverError extends Error {
  override readonly name: string = 'DroverError';
  /**
   * usage: the caller can mend it with other arguments or settings · unreachable: ZooKeeper, or Drover there, was not
   * found · failure: anything else. The exit code of the command line follows from it.
   */
  readonly category: ErrorCategory = 'failure';
}

export type ErrorCategory = 'usage' | 'unreachable' | 'failure';

/** Thrown when an argument is not valid; nothing was done. */
export class InvalidArgumentError extends DroverError {
  override readonly name = 'InvalidArgumentError';
  override readonly category = 'usage';
  readonly argument: string;
  /** Takes the whole message; or the value that was given and a text of what was expected. */
  constructor(argument: string, ...why: [message: string] | [given: unknown, expected: string]) {
    super(why.length === 1 ? why[0] : `${argument}: expected ${why[1]}, got ${show(why[0])}`);
    this.argument = argument;
  }
}

/** Thrown when a payload, as JSON, is longer than the limit; nothing was submitted. */
export class PayloadTooLargeError extends DroverError {
  override readonly name = 'PayloadTooLargeError';
  override readonly category = 'usage';
  readonly bytes: number;
  readonly limitBytes: number;
  constructor(type: string, bytes: number, limitBytes: number) {
    super(
      `payload of the '${type}' task is too large: ${bytes} bytes as JSON, the limit is ${limitBytes}; ` +
        'store the data elsewhere and submit a reference to it',
    );
    this.bytes = bytes;
    this.limitBytes = limitBytes;
  }
}

/**
 * Thrown when the data of a znode is not the record that its path calls for, or is of a newer version than this code.
 */
export class RecordError extends DroverError {
  override readonly name = 'RecordError';
  readonly path: string;
  /** The fault, without the path. */
  readonly why: string;
  /** True: a program of a later version wrote the record. It is no garbage, and this program leaves it as it is. */
  readonly isNewer: boolean;
  constructor(path: string, why: string, options: ErrorOptions & { isNewer?: boolean } = {}) {
    super(`${path}: ${why}`, options);
    this.path = path;
    this.why = why;
    this.isNewer = options.isNewer ?? false;
  }
}

/** Thrown when a task id names a cell that this system does not have; nothing was done. */
export class UnknownCellError extends DroverError {
  override readonly name = 'UnknownCellError';
  override readonly category = 'usage';
  readonly cell: string;
  constructor(cell: string, id: string) {
    super(`${id}: unknown cell '${cell}'; task ids of this system have no cell`);
    this.cell = cell;
  }
}

/** Thrown by `task.result()` when the task ended as failed. */
export class TaskFailedError extends DroverError {
  override readonly name = 'TaskFailedError';
  readonly taskId: string;
  readonly failure: TaskFailure;
  constructor(taskId: string, failure: TaskFailure) {
    super(`task ${taskId} failed: ${failure.name}: ${failure.message}`);
    this.taskId = taskId;
    this.failure = failure;
  }
}

/** Thrown by `task.result()` when the task was cancelled. */
export class TaskCancelledError extends DroverError {
  override readonly name = 'TaskCancelledError';
  readonly taskId: string;
  /** The task that runs in its place, of the same unique key or moved; null: it was cancelled for another reason. */
  readonly supersededBy: string | null;
  /** As whoever cancelled it said; of the leader: `dependency 01J... failed`. Null: nobody said. */
  readonly reason: string | null;
  constructor(taskId: string, supersededBy: string | null = null, reason: string | null = null) {
    const why = supersededBy === null ? 'cancelled' : `superseded by task ${supersededBy}, which runs in its place`;
    super(`task ${taskId} was ${why}${reason === null ? '' : `: ${reason}`}`);
    this.taskId = taskId;
    this.supersededBy = supersededBy;
    this.reason = reason;
  }
}

/** Thrown when there is no such task: never submitted here, or removed by retention. */
export class TaskNotFoundError extends DroverError {
  override readonly name = 'TaskNotFoundError';
  readonly taskId: string;
  constructor(taskId: string) {
    super(`no task ${taskId}: it was never submitted here, or retention has removed its batch`);
    this.taskId = taskId;
  }
}

/** Thrown by a handler to end its task as failed without another attempt. */
export class RejectTaskError extends DroverError {
  override readonly name = 'RejectTaskError';
  readonly retryable = false;
}

function show(value: unknown): string {
  const text = textOf(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Not every value has a text: an object whose `toString` throws has none, nor one that is nested too deeply. */
function textOf(value: unknown): string {
  try {
    const isShownAsJson = typeof value === 'string' || (typeof value === 'object' && value !== null);
    const json: string | undefined = isShownAsJson ? JSON.stringify(value) : undefined;
    return json ?? String(value);
  } catch {
    return typeof value;
  }
}

/** Thrown when a task, or a command, names a limit that nobody has declared; nothing was done. */
export class UnknownLimitError extends DroverError {
  override readonly name = 'UnknownLimitError';
  override readonly category = 'usage';
  readonly limit: string;
  /** The declared limit that was perhaps meant; `null`: none is like it. */
  readonly suggestion: string | null;
  constructor(limit: string, suggestion: string | null) {
    const hint = suggestion === null ? '' : `did you mean '${suggestion}'? Else `;
    super(`no limit '${limit}' is declared; ${hint}declare it: drover limit set ${limit} --concurrency 10`);
    this.limit = limit;
    this.suggestion = suggestion;
  }
}
