import { DroverError, nearest, type DefinitionKind, type TaskId } from '@drover/core';
import type { TaskReply } from './replies.js';

/** The state of a system that takes no more tasks, as its leader wrote it. */
export interface ClosedIntake {
  tasks: number;
  bytes: number;
  maxTasks: number;
  maxBytes: number;
  /** `tasks`, `bytes`, `names` or `quota`; absent: the leader is of an earlier version. */
  code?: string | undefined;
  reason?: string | undefined;
}

/**
 * Thrown by a submit while the system takes no more tasks; by `submitMany` and `run` after the tasks that are stored.
 * Try again later.
 */
export class IntakeClosedError extends DroverError {
  override readonly name = 'IntakeClosedError';
  readonly tasks: number;
  readonly bytes: number;
  readonly maxTasks: number;
  readonly maxBytes: number;
  readonly code: string | undefined;
  constructor({ tasks, bytes, maxTasks, maxBytes, code, reason }: ClosedIntake) {
    super(
      reason === undefined
        ? `the system is full: ${tasks} tasks with ${bytes} bytes of payload are unfinished, the limits are ${maxTasks} tasks and ` +
            `${maxBytes} bytes; submit again later, or raise the limits of the schedulers`
        : `the system accepts no new tasks: ${reason}; submit again later`,
    );
    this.tasks = tasks;
    this.bytes = bytes;
    this.maxTasks = maxTasks;
    this.maxBytes = maxBytes;
    this.code = code;
  }
}

/**
 * Thrown by a submit to a queue of which as many tasks are unfinished as its settings allow, or as many tasks of the
 * task's tenant; by `submitMany` and `run` after the tasks that are stored. Other queues, and other tenants, take tasks.
 * Try again later.
 */
export class QueueFullError extends DroverError {
  override readonly name = 'QueueFullError';
  readonly queue: string;
  /** The tenant whose tasks are too many, `''` for the tasks without one; absent: the queue's are. */
  readonly tenant: string | undefined;
  /** The bound: `maxPending` or `maxPendingPerTenant` of the queue. */
  readonly max: number;
  constructor({ queue, tenant, max }: { queue: string; tenant?: string; max: number }) {
    const tasks = `task${max === 1 ? '' : 's'}`;
    const whose = tenant === '' ? `${tasks} without a tenant` : `${tasks} of the tenant '${tenant}'`;
    super(
      tenant === undefined
        ? `queue '${queue}' is full: ${max} ${tasks} or more are unfinished, which is its maxPending; submit again later, ` +
            `or raise it ('drover queue ${queue} --max-pending N')`
        : `queue '${queue}' takes no more of these: ${max} ${whose} or more are unfinished there, which is its ` +
            `maxPendingPerTenant; submit again later, or raise it ('drover queue ${queue} --max-pending-per-tenant N')`,
    );
    this.queue = queue;
    this.tenant = tenant;
    this.max = max;
  }
}

/**
 * Thrown by `submit` while so many tasks of this client wait to be written that memory would run out. This task was not
 * submitted; those before it are on their way.
 */
export class TooManyUnwrittenError extends DroverError {
  override readonly name = 'TooManyUnwrittenError';
  readonly tasks: number;
  readonly bytes: number;
  constructor({ tasks, bytes }: { tasks: number; bytes: number }) {
    super(
      `this client holds ${tasks} submitted tasks with ${bytes} bytes of payload that are not written yet, which is its ` +
        'limit: await submit before you submit more, or pass the tasks to submitMany or run, which read them only ' +
        'as fast as they are written (limits.unwrittenTasks and limits.unwrittenBytes raise the limit)',
    );
    this.tasks = tasks;
    this.bytes = bytes;
  }
}

/**
 * Thrown by a submit when the request for this task is larger than ZooKeeper accepts. The task was not submitted; tasks
 * that were submitted beside it are not affected.
 */
export class ServerLimitError extends DroverError {
  override readonly name = 'ServerLimitError';
  /** Size of the request: the payload, its header and a few names. */
  readonly bytes: number;
  constructor(type: string, bytes: number, options: ErrorOptions) {
    super(
      `the '${type}' task needs a request of ${bytes} bytes, which is more than the ZooKeeper servers accept: submit a ` +
        'smaller payload, or raise jute.maxbuffer on every server',
      options,
    );
    this.bytes = bytes;
  }
}

/** Thrown by `putBatch` when the batch is there already with other tasks, or was made by another request. Nothing was changed. */
export class BatchConflictError extends DroverError {
  override readonly name = 'BatchConflictError';
  override readonly category = 'usage';
  readonly batch: string;
  constructor(batch: string) {
    super(
      `batch ${batch} is there already, and another request made it: use another id, or another key of the request`,
    );
    this.batch = batch;
  }
}

/** Thrown by `putBatch` when an unfinished task has the key of one of the tasks. Nothing was submitted. */
export class KeyTakenError extends DroverError {
  override readonly name = 'KeyTakenError';
  readonly key: string;
  /** The task that has it. */
  readonly taskId: TaskId;
  constructor(key: string, id: TaskId) {
    super(`the key '${key}' is in use by the unfinished task ${id}; nothing was submitted`);
    this.key = key;
    this.taskId = id;
  }
}

/** Thrown by `task.result({ timeout })` when the time is up; the task goes on. */
export class ResultTimeoutError extends DroverError {
  override readonly name = 'ResultTimeoutError';
  readonly taskId: TaskId;
  readonly timeoutMs: number;
  constructor(taskId: TaskId, timeoutMs: number) {
    super(`task ${taskId} did not finish within ${timeoutMs} ms; it continues`);
    this.taskId = taskId;
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown by calls that wait during `close()`, and by calls after it. */
export class ClientClosedError extends DroverError {
  override readonly name = 'ClientClosedError';
  constructor() {
    super('this client was closed');
  }
}

/** Thrown by calls that only read, if Drover was never used with this root. Nothing was created. */
export class NoDroverError extends DroverError {
  override readonly name = 'NoDroverError';
  override readonly category = 'unreachable';
  /** The connect string, with the root. */
  readonly connect: string;
  constructor(connect: string) {
    super(`no Drover at ${connect}: no scheduler was ever started there; check the address`);
    this.connect = connect;
  }
}

/** Thrown when a command found no leader for as long as it waited. It was not carried out. */
export class NoLeaderError extends DroverError {
  override readonly name = 'NoLeaderError';
  constructor(waitedMs: number) {
    super(`no leader for ${secondsOf(waitedMs)}: start a scheduler with 'drover scheduler'`);
  }
}

/** Thrown when the leader did not answer a command in time. It may still be carried out if the leader was about to. */
export class CommandTimeoutError extends DroverError {
  override readonly name = 'CommandTimeoutError';
  constructor(kind: string, leader: string, waitedMs: number) {
    super(`leader ${leader} did not answer '${kind}' within ${secondsOf(waitedMs)}; it may still execute the command`);
  }
}

/** Thrown by `drain` when no worker of that name is registered. Nothing was changed. */
export class WorkerNotFoundError extends DroverError {
  override readonly name = 'WorkerNotFoundError';
  override readonly category = 'usage';
  readonly worker: string;
  /** `registered`: names of the workers there are. */
  constructor(worker: string, registered: readonly string[]) {
    const near = nearest(worker, registered);
    super(`no worker named ${JSON.stringify(worker)}${near === null ? '' : `; did you mean ${JSON.stringify(near)}?`}`);
    this.worker = worker;
  }
}

/** Thrown where there is no schedule of this name; nothing was done. */
export class ScheduleNotFoundError extends DroverError {
  override readonly name = 'ScheduleNotFoundError';
  override readonly category = 'usage';
  readonly schedule: string;
  constructor(schedule: string) {
    super(`no schedule named ${JSON.stringify(schedule)}`);
    this.schedule = schedule;
  }
}

/** Thrown where a definition is not at the revision that was expected: somebody has changed it meanwhile. Nothing was done. */
export class RevisionConflictError extends DroverError {
  override readonly name = 'RevisionConflictError';
  readonly kind: 'schedule' | 'limit' | DefinitionKind;
  /** The name of the schedule; empty: it is about something else. */
  readonly schedule: string;
  /** The name of the limit; empty: it is about something else. */
  readonly limit: string;
  /** The one that is there; 0: there is none of that name. */
  readonly revision: number;
  constructor(name: string, revision: number, kind: 'schedule' | 'limit' | DefinitionKind = 'schedule') {
    const found = revision === 0 ? 'there is none' : `it is at revision ${revision}`;
    super(`${kind} ${JSON.stringify(name)} is not at the expected revision: ${found}`);
    this.kind = kind;
    this.schedule = kind === 'schedule' ? name : '';
    this.limit = kind === 'limit' ? name : '';
    this.revision = revision;
  }
}

/** Thrown where nobody has defined an account, a pool or a floating resource of that name; nothing was done. */
export class UnknownDefinitionError extends DroverError {
  override readonly name = 'UnknownDefinitionError';
  override readonly category = 'usage';
  readonly kind: DefinitionKind;
  readonly definition: string;
  /** The one that was perhaps meant; null: none is like it. */
  readonly suggestion: string | null;
  constructor(kind: DefinitionKind, definition: string, suggestion: string | null) {
    super(
      `no ${kind} '${definition}' is defined` +
        (suggestion === null ? `; 'drover ${kind} ls' lists them` : `; did you mean '${suggestion}'?`),
    );
    this.kind = kind;
    this.definition = definition;
    this.suggestion = suggestion;
  }
}

/**
 * Thrown by `cancel` and `retry` of many tasks when a part of them was carried out before an error, which is `cause`.
 * The tasks of `replies` were handled. The others were not; if the leader did not answer in time, some of them may have
 * been.
 */
export class PartlyDoneError extends DroverError {
  override readonly name = 'PartlyDoneError';
  readonly replies: readonly TaskReply[];
  /** Tasks that were asked for. */
  readonly asked: number;
  constructor(kind: string, replies: readonly TaskReply[], asked: number, cause: Error) {
    super(`${kind} was executed for ${replies.length} of ${asked} tasks, then failed: ${cause.message}`, { cause });
    this.replies = replies;
    this.asked = asked;
  }
}

/** Thrown when a task is named as a dead letter, and is none: it has not failed. */
export class NotDeadError extends DroverError {
  override readonly name = 'NotDeadError';
  readonly taskId: TaskId;
  constructor(id: TaskId, state: string) {
    super(`task ${id} is no dead letter, it is ${state}: 'drover get' shows any task`);
    this.taskId = id;
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

/** `10 s`, `50 ms`. */
function secondsOf(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** There is no such token: it was revoked, or never was. */
export class TokenNotFoundError extends DroverError {
  override readonly name = 'TokenNotFoundError';
  readonly token: string;
  constructor(token: string) {
    super(`there is no token '${token}'; 'drover token ls' lists them`);
    this.token = token;
  }
}
