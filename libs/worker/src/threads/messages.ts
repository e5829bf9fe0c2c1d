import type { HandlerKind, HandlerTrace, RetryPolicy, TaskFailure, TaskFire } from '@drover/core';
import type { CallEnd } from '../execution/executor.js';
import type { AbortCause } from '../execution/task-aborted-error.js';

/**
 * The messages between the threads. Each side collects the calls of one turn of its event loop into one message. `n`
 * numbers the calls of a thread, from 1.
 */
export interface WireCall {
  n: number;
  task: string;
  type: string;
  attempt: number;
  fencingToken: bigint;
  payload: string;
  fire?: TaskFire;
  trace?: HandlerTrace;
  /** Only for modules that have interceptors. */
  queue?: string;
}
export type ToThread = { calls: WireCall[] } | { abort: number; cause: AbortCause; message: string };

/** The options of one type, as its module declares them. */
export interface HandlerDescription {
  type: string;
  kind: HandlerKind;
  /** `null`: as long as it takes. */
  timeoutMs: number | null;
  /** `null`: it need not tell progress. */
  heartbeatMs: number | null;
  /** `null`: Drover's default. */
  retry: RetryPolicy | null;
  /** `null`: as many at a time as the worker has places. */
  concurrency: number | null;
}

export interface WireNote {
  n: number;
  /** `chars`: about its size, as the budget of the thread counts it. */
  log?: { message: string; fields: Record<string, unknown>; chars: number };
  /** So many lines were dropped in this place. */
  dropped?: number;
  progress?: { fraction: number; note: string | undefined };
}
/** An error in the background of a handlers module: of no call, or of one that has ended. */
export interface StrayError {
  task: string | null;
  type: string | null;
  error: TaskFailure;
}
export type FromThread =
  /** `intercepts`: the module has interceptors. */
  | { loaded: HandlerDescription[]; intercepts: boolean }
  | { failedToLoad: TaskFailure }
  /** `retire`: an exception escaped from a handler; the thread should be given nothing more. */
  | { ends: { n: number; end: CallEnd }[]; notes: WireNote[]; strays: StrayError[]; retire: boolean };

export interface ThreadData {
  /** URL of the handlers module; `null`: the built-in compute handlers alone. */
  module: string | null;
  worker: string;
  /** Handlers of traced tasks are to run within the trace context of their task. */
  traces: boolean;
  /** See `PULSE`. */
  pulse: SharedArrayBuffer;
}

/** The words of `pulse`, which can be read while the thread is blocked or gone. */
export const PULSE = {
  /** Counts up while the thread's event loop turns. */
  BEAT: 0,
  /** The call whose code is being executed; 0: none, or not known. */
  CURRENT: 1,
  /** Characters of log lines that the main thread has not read yet. */
  LOG_CHARS: 2,
} as const;
export const PULSE_BYTES = 12;
