import type { BroadcastOptions, TaskFailure, TaskId } from '@drover/core';
import type { BroadcastSummary, BroadcastView } from '@drover/inspect';
import type { AskOptions } from '../options.js';
import type { StartRequest } from '../start-request.js';

/** As `submit` has them, those of the broadcast itself, and who starts it and why. */
export type StartBroadcastOptions = BroadcastOptions &
  AskOptions & {
    /** A ULID that the caller draws: with the same one it may be started again, until that succeeds, and is started once. */
    id?: string | undefined;
    /** For programs that repeat a start until it is answered, and draw no id: it happens once. */
    request?: StartRequest | undefined;
  };

/** How the task of the workers of one name ended. */
export type BroadcastResult<Result = unknown> = { worker: string; task: TaskId; attempt: number } & (
  | { state: 'succeeded'; result: Result }
  | { state: 'failed'; error: TaskFailure }
  | { state: 'cancelled'; reason?: string }
);

export interface BroadcastResultsOptions {
  signal?: AbortSignal;
  /** Default true. */
  joiners?: boolean;
}

/** A broadcast that is durable. */
export interface Broadcast<Result = unknown> {
  readonly id: string;
  /** True: an earlier request with the same key (`StartBroadcastOptions.request`) had started it. */
  readonly replayed: boolean;
  /**
   * Yields how the task of each worker ended, in the order in which they end, until the broadcast is over: it is closed, and
   * each of its tasks has ended. `joiners: false`: until each worker that it was given to at first has answered, and nobody
   * who has joined meanwhile is still at it; those who join later are not waited for. Rejects with `BroadcastNotFoundError`, `ClientClosedError` or the signal's reason. To leave
   * the loop leaves the broadcast as it is.
   */
  results(options?: BroadcastResultsOptions): AsyncIterableIterator<BroadcastResult<Result>>;
  /** Throws `BroadcastNotFoundError`. */
  status(): Promise<BroadcastView>;
  /** As `Broadcasts.cancel`. */
  cancel(asked?: AskOptions): Promise<BroadcastReply>;
}

/** The answer to a cancel. `state`: `closed`, or why not: `unknown`, `finished`. */
export interface BroadcastReply {
  id: string;
  ok: boolean;
  state?: string;
  message?: string;
}

/** `drover.broadcasts`: docs/broadcast.md. */
export interface Broadcasts {
  /** A handle to any broadcast by its id. Throws `InvalidArgumentError`. Nothing is read yet. */
  of<Result = unknown>(id: string): Broadcast<Result>;
  /** With its workers. Throws `BroadcastNotFoundError`. */
  get(id: string): Promise<BroadcastView>;
  /** The newest, the newest first. `limit`: 100, where it is left out. */
  list(options?: { limit?: number }): Promise<BroadcastSummary[]>;
  /**
   * Closes each, and cancels its tasks: those that wait end at once, the workers of those that run are asked. Rejects as
   * `Drover.cancel`.
   */
  cancel(ids: Iterable<string>, asked?: AskOptions): Promise<BroadcastReply[]>;
}
