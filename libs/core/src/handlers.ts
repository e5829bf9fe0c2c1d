import type { RetryPolicy } from './retry.js';

/** What JSON can carry. Handlers take and return it; typed handlers narrow it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

/** What a handler is given beside the payload. */
export interface TaskContext {
  readonly id: string;
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * Grows with every new attempt of the same task, also across leaders: the zxid of the transaction that made the
   * assignment, ordered by ZooKeeper itself. Give it to the systems you write to, so that they can refuse a zombie.
   */
  readonly fencingToken: bigint;
  /** Aborted on timeout, cancel, revocation and when the worker stops. Its reason says which. */
  readonly signal: AbortSignal;
  /** The worker's name. */
  readonly worker: string;
  log(message: string, fields?: Record<string, unknown>): void;
  /** `fraction` from 0 to 1; seen by `drover get` within about two seconds. */
  progress(fraction: number, note?: string): void;
}

export type Run<Payload, Result> = (payload: Payload, context: TaskContext) => Promise<Result> | Result;

/** `io` (default): many at a time in one thread. `compute`: one at a time per thread. Neither can block the session. */
export type HandlerKind = 'io' | 'compute';

export interface Handler<Payload, Result> {
  run: Run<Payload, Result>;
  kind?: HandlerKind;
  /** Used where the task was submitted without a timeout; milliseconds or `30s`. */
  timeout?: number | string;
  retry?: Partial<RetryPolicy>;
}

/** Maps a task type to its payload and its result: `{ resize: [Payload, Result] }`. */
export type TaskTypes = Record<string, [payload: unknown, result: unknown]>;

export type Handlers<Types extends TaskTypes> = {
  [Type in keyof Types]: Run<Types[Type][0], Types[Type][1]> | Handler<Types[Type][0], Types[Type][1]>;
};

/** Gives worker and client their types: `export default defineHandlers<{ resize: [Payload, Result] }>({ ... })`. */
export function defineHandlers<Types extends TaskTypes>(handlers: Handlers<Types>): Handlers<Types> {
  return handlers;
}
