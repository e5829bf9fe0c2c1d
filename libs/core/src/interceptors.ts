import type { TaskFailure } from './errors.js';
import type { TaskContext } from './handlers.js';
import type { BatchId, TaskId } from './ids.js';
import type { TraceContext } from './trace-context.js';

/**
 * Hooks of other programs' code around submits and handlers: tracing, error trackers, audits. Without any of them
 * nothing is called and nothing is allocated for a task.
 */

/** A task as the hooks of a client see it before it is written. */
export interface SubmittingTask {
  readonly type: string;
  readonly queue: string;
}

/** Tasks that are about to be written together. Indexes count from 0. */
export interface BatchBeingWritten {
  readonly id: BatchId;
  readonly queue: string;
  /** The number of its tasks. */
  readonly size: number;
  /** The connect string of ZooKeeper. */
  readonly server: string;
  typeOf(index: number): string;
  idOf(index: number): TaskId;
  /** The value that `submitting` of the same interceptor has given for the task. */
  carriedBy(index: number): unknown;
  /** The task goes with this context; `null`: with none, whoever has set one before. */
  setTrace(index: number, trace: TraceContext | null): void;
}

/** Hears how the write of a batch went. One of the two is called, once. */
export interface BatchObserver {
  /** It is durable. `taken`: tasks that were not written, since another task has their key. */
  written?(taken: number): void;
  failed?(error: unknown): void;
}

/** Around submits: an entry of `interceptors` of `connect`. An error of a hook fails the submit. */
export interface ClientInterceptor {
  /**
   * Called for each task, in the async context of the caller of `submit`, `submitMany` or `run`. Its result goes with
   * the task until its batch is written.
   */
  submitting?(task: SubmittingTask): unknown;
  /** Called before a batch is written, once, however often the write is tried. */
  writing?(batch: BatchBeingWritten): BatchObserver | undefined;
}

/** The call of a handler, as interceptors in its thread see it. */
export interface HandlerCall {
  readonly type: string;
  readonly queue: string;
  readonly payload: unknown;
  readonly context: TaskContext;
}

/** An attempt that failed, for whoever reports errors. */
export interface FailedAttempt {
  readonly task: TaskId;
  readonly type: string;
  readonly queue: string;
  readonly attempt: number;
  /** The value that the handler threw; on a timeout the reason of `ctx.signal`. */
  readonly error: unknown;
}

/**
 * Around handlers: an entry of the list `interceptors` that a handlers module exports beside its default export. It runs
 * in the thread of the handler.
 */
export interface HandlerInterceptor {
  /**
   * Runs the handler by `next()`, and returns its result, another one, or throws. The first interceptor of the list is the
   * outermost.
   */
  around?(call: HandlerCall, next: () => unknown): unknown;
  /** Hears of every attempt that failed or ran out of time; what it throws is logged. `RetryLater` is no failure. */
  onFailure?(failed: FailedAttempt): void | Promise<void>;
}

/** Gives a list of interceptors its type: `export const interceptors = defineInterceptors([{ ... }])`. */
export function defineInterceptors(interceptors: readonly HandlerInterceptor[]): readonly HandlerInterceptor[] {
  return interceptors;
}

/** An attempt that begins at a worker, as its process sees it. */
export interface StartingAttempt {
  readonly task: TaskId;
  readonly type: string;
  readonly queue: string;
  readonly attempt: number;
  readonly fencingToken: bigint;
  readonly assignment: string;
  /** The id of the worker in paths. */
  readonly worker: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds from the arrival of the assignment at the worker. */
  readonly waitedMs: number;
  /** Of the submit; absent: the task is not sampled. */
  readonly trace?: TraceContext | undefined;
}

/** The end of an attempt. `outcome` is the one of the result, or `dropped`: nobody wanted to know any more. */
export interface EndedAttempt {
  readonly outcome: string;
  readonly error: TaskFailure | null;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
}

/** Follows one attempt. */
export interface AttemptObserver {
  /** The context that the handler gets; absent: that of the submit. */
  readonly trace?: TraceContext;
  ended(end: EndedAttempt): void;
}

/** A report on its way to ZooKeeper: the results of tasks of one assignment, some of whose attempts are traced. */
export interface SendingReport {
  readonly queue: string;
  readonly batch: BatchId;
  readonly assignment: string;
  /** The id of the worker in paths. */
  readonly worker: string;
  /** The number of its tasks. */
  readonly size: number;
  /** The contexts of traced attempts, as their observers gave them; 128 at most. */
  readonly traces: readonly TraceContext[];
}

/** `accepted`: ZooKeeper took it. `revoked`: its assignment is gone. `lost`: it was not written, or nobody knows. */
export type ReportEnd = 'accepted' | 'revoked' | 'lost';

/** Follows one report. */
export interface ReportObserver {
  ended(how: ReportEnd): void;
}

/** Hooks of a worker's process, in its main thread: they know of every end, also of handlers that never answer. */
export interface WorkerInterceptor {
  /** `undefined`: nobody follows this attempt. */
  starting?(attempt: StartingAttempt): AttemptObserver | undefined;
  /** An attempt that nobody followed has failed. */
  failed?(attempt: StartingAttempt, end: EndedAttempt): void;
  /** A report with traced attempts is sent for the first time. `undefined`: nobody follows it. */
  reporting?(report: SendingReport): ReportObserver | undefined;
}
