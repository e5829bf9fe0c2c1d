import type { HandlerTrace, TaskFailure, TaskFire, TaskId } from '@drover/core';
import type { Devices } from '../run/resources.js';
import type { StepCall, StepOutcome } from '../steps/step-call.js';
import type { TaskAbortedError } from './task-aborted-error.js';

/**
 * How an attempt ended where it ran. `lost`: its thread ended and nobody knows through whose fault; it counts against
 * the task's losses, not against its attempts. `returned`: its thread ended through the fault of another task that is
 * known (and failed); it consumes nothing.
 */
export type CallEnd =
  /** `result`: JSON text. `step`: of a task that is a step; `becomes`: a run of this plan with this input, both JSON. */
  | { outcome: 'succeeded'; result: string; step?: StepOutcome; becomes?: { text: string; input: string } }
  | { outcome: 'failed' | 'rejected'; error: TaskFailure; retryAfterMs?: number }
  /** It is to run again after `retryAfterMs`, and uses up no attempt. `holds`: the limit of which nothing is to start. */
  | { outcome: 'later'; error: TaskFailure; retryAfterMs: number; holds: string | null }
  | { outcome: 'lost' | 'returned' };

/** One attempt of one task, as an executor sees it. */
export interface Call {
  readonly task: TaskId;
  readonly type: string;
  readonly attempt: number;
  readonly fencingToken: bigint;
  /** Of a task that a schedule made. */
  readonly fire?: TaskFire | undefined;
  /** Of a task that is traced. */
  readonly trace?: HandlerTrace | undefined;
  readonly queue: string;
  /** Of a task that is a step of a run. */
  readonly step?: StepCall | undefined;
  /** Names of the devices that it has, by resource; absent: none. */
  readonly devices?: Devices | undefined;
  /** JSON text. */
  readonly payload: string;
  /** JSON text: what an earlier attempt has left. */
  readonly checkpoint?: string | undefined;
  /** The executor calls it once, possibly before `start` has returned; calls after that, or after `abandon`, are ignored. */
  ended(end: CallEnd): void;
  log(message: string, fields: Record<string, unknown>): void;
  /** Lines of its log came faster than they could be taken: so many were dropped. */
  logDropped(lines: number): void;
  /** A line that a program printed: it is kept with the log of the run, and written nowhere else. */
  print(text: string): void;
  /** Lines that a program printed, of which none would be kept. */
  printSkipped(lines: number): void;
  progress(fraction: number, note: string | undefined): void;
  /** JSON text, for the next attempt: the last one counts. */
  leave(checkpoint: string): void;
  /** The worker has this label from now on; `null`: not any more. */
  setLabel(name: string, value: string | null): void;
  /** It goes on: a sign of life for `heartbeat`, without progress to tell. */
  alive(): void;
}

export interface Execution {
  /** Asks the handler to end. */
  abort(reason: TaskAbortedError): void;
  /** It did not: whatever it still does is not listened to, and what can be ended by force is. */
  abandon(): void;
}

/** A way to run calls: in this thread, in a thread with others, in a thread alone. */
export interface Executor {
  /** How many more calls would begin at once. */
  room(): number;
  start(call: Call): Execution;
  /** Ends its threads and processes; calls that still run get no end. */
  close(): Promise<void>;
}
