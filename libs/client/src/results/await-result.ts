import { checkOptions, TaskCancelledError, TaskFailedError, parseDuration, type TaskId } from '@drover/core';
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
  if (options !== undefined) checkOptions(options, ['timeout', 'signal']);
  const { signal, timeout } = options ?? {};
  checkSignal(signal);
  if (signal === undefined && timeout === undefined)
    return new Promise((resolve, reject) => results.wait(batch, index, new ResultWaiter(id, resolve, reject)));
  return awaitBounded(results, runtime, batch, index, id, timeout, signal);
}

class ResultWaiter implements Waiter {
  readonly #id: TaskId;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(id: TaskId, resolve: (result: unknown) => void, reject: (error: unknown) => void) {
    this.#id = id;
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
        return this.#reject(new TaskCancelledError(this.#id));
    }
  }

  failed(error: unknown): void {
    this.#reject(error);
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
): Promise<unknown> {
  const timeoutMs = timeout === undefined ? null : parseDuration('timeout', timeout);
  signal?.throwIfAborted();
  const undo: (() => void)[] = [];
  try {
    return await new Promise((resolve, reject) => {
      const waiter = new ResultWaiter(id, resolve, reject);
      const giveUp = (why: unknown): void => {
        results.leave(batch, index, waiter);
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
