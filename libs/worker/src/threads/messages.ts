import type { HandlerKind, HandlerTrace, RetryPolicy, TaskFailure, TaskFire } from '@drover/core';
import type { CallEnd } from '../execution/executor.js';
import type { Devices } from '../run/resources.js';
import type { StepAsk, StepPlace, StepReply } from '../steps/step-call.js';
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
  /** Of a task that is a step of a run. */
  step?: StepPlace;
  /** JSON text that an earlier attempt has left. */
  checkpoint?: string;
  /** Of a task that has devices. */
  devices?: Devices;
}
/** The answer to the `ask`th question of a thread. */
export type WireReply = { ask: number } & ({ reply: StepReply } | { refused: TaskFailure });
export type ToThread = WireReply | { calls: WireCall[] } | { abort: number; cause: AbortCause; message: string };

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
  /** JSON text for the next attempt. */
  checkpoint?: string;
  /** A label of the worker; `null` takes it back. */
  label?: [name: string, value: string | null];
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
  /** The call `n` asks for something that only the main thread can read or write: it gets a `WireReply`. */
  | { n: number; ask: number; what: StepAsk }
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
