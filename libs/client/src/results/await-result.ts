import {
  checkOptions,
  InvalidArgumentError,
  parseDuration,
  parseTaskId,
  RecordError,
  TaskCancelledError,
  TaskFailedError,
  type TaskId,
} from '@drover/core';
import type { Runtime } from '@drover/runtime';
import { ResultTimeoutError } from '../errors.js';
import type { ResultOptions } from '../options.js';
import type { BatchRef } from '../submit/batch-builder.js';
import { checkSignal } from '../submit/task-options.js';
import type { Waiter } from './awaited-tasks.js';
import type { Ending } from './ending.js';
import type { Results } from './results.js';

/** `task.result()`. Neither a timer nor a listener is made unless the options ask for one. */
export function awaitResult(
  results: Results,
  runtime: Runtime,
  batch: BatchRef,
  index: number,
  id: TaskId,
  options: ResultOptions | undefined,
): Promise<unknown> {
  if (options !== undefined) checkOptions(options, ['timeout', 'signal', 'follow']);
  const { signal, timeout, follow = true } = options ?? {};
  if (typeof follow !== 'boolean') throw new InvalidArgumentError('follow', follow, 'true or false');
  checkSignal(signal);
  if (signal === undefined && timeout === undefined)
    return new Promise((resolve, reject) =>
      results.wait(batch, index, new ResultWaiter(id, resolve, reject, follow ? results : null)),
    );
  const make: MakeWaiter = (resolve, reject) => new ResultWaiter(id, resolve, reject, follow ? results : null);
  return awaitBounded(results, runtime, batch, index, id, timeout, signal, make);
}

type MakeWaiter = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => ResultWaiter;

/** `task.ending()`. */
export async function awaitEnding(
  results: Results,
  runtime: Runtime,
  batch: BatchRef,
  index: number,
  id: TaskId,
  options: Omit<ResultOptions, 'follow'>,
): Promise<Ending> {
  checkOptions(options, ['timeout', 'signal']);
  const { signal, timeout } = options;
  checkSignal(signal);
  const make: MakeWaiter = (resolve, reject) => new EndingWaiter(id, resolve, reject, null);
  return (await awaitBounded(results, runtime, batch, index, id, timeout, signal, make)) as Ending;
}

class ResultWaiter implements Waiter {
  #id: TaskId;
  /** Null: it is not to follow a supersession. */
  readonly #results: Results | null;
  /** The task that runs in the place of the one that was asked for. */
  #followed: { batch: BatchRef; index: number } | null = null;
  #hasLeft = false;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    id: TaskId,
    resolve: (result: unknown) => void,
    reject: (error: unknown) => void,
    results: Results | null,
  ) {
    this.#id = id;
    this.#results = results;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  ended(ending: Ending): void {
    switch (ending.state) {
      case 'succeeded':
        return this.#resolve(ending.result);
      case 'failed':
        return this.#reject(new TaskFailedError(this.#id, ending.error));
      case 'cancelled':
        return this.#cancelled(ending.winner ?? null, ending.reason ?? null);
    }
  }

  failed(error: unknown): void {
    this.#reject(error);
  }

  protected resolve(value: unknown): void {
    this.#resolve(value);
  }

  #cancelled(winner: TaskId | null, reason: string | null): void {
    const results = this.#results;
    if (winner === null || results === null) return this.#reject(new TaskCancelledError(this.#id, winner, reason));
    const place = parseTaskId(winner);
    if (place === null) return this.#reject(new RecordError(`task ${this.#id}`, `superseded by no task: ${winner}`));
    const followed = { batch: { id: place.batch, groups: null }, index: place.index };
    this.#id = winner;
    this.#followed = followed;
    results.waitSoon(() => {
      if (!this.#hasLeft) results.wait(followed.batch, followed.index, this);
    });
  }

  /** Waits no longer for the task that was asked for, or for what it follows. */
  leave(results: Results, batch: BatchRef, index: number): void {
    this.#hasLeft = true;
    const at = this.#followed ?? { batch, index };
    results.leave(at.batch, at.index, this);
  }
}

/** It is told how the task ended, and follows nothing. */
class EndingWaiter extends ResultWaiter {
  override ended(ending: Ending): void {
    this.resolve(ending);
  }
}

async function awaitBounded(
  results: Results,
  runtime: Runtime,
  batch: BatchRef,
  index: number,
  id: TaskId,
  timeout: ResultOptions['timeout'],
  signal: AbortSignal | undefined,
  make: MakeWaiter,
): Promise<unknown> {
  const timeoutMs = timeout === undefined ? null : parseDuration('timeout', timeout);
  signal?.throwIfAborted();
  const undo: (() => void)[] = [];
  try {
    return await new Promise((resolve, reject) => {
      const waiter = make(resolve, reject);
      const giveUp = (why: unknown): void => {
        waiter.leave(results, batch, index);
        waiter.failed(why);
      };
      const aborted = (): void => giveUp(signal?.reason);
      signal?.addEventListener('abort', aborted, { once: true });
      undo.push(() => signal?.removeEventListener('abort', aborted));
      if (timeoutMs !== null) {
        const timer = runtime.after(timeoutMs, () => giveUp(new ResultTimeoutError(id, timeoutMs)));
        undo.push(() => timer.cancel());
      }
      results.wait(batch, index, waiter);
    });
  } finally {
    for (const each of undo) each();
  }
}
