import type { AttemptObserver, EndedAttempt, StartingAttempt, WorkerInterceptor } from '@drover/core';
import type { Log } from '@drover/observability';
import { messageOf } from '@drover/runtime';

const FAILED: ReadonlySet<string> = new Set(['failed', 'rejected', 'timed-out']);

/**
 * Calls the interceptor of a worker. An error of that is logged and changes nothing. A worker without an interceptor
 * has none of these.
 */
export class Follower {
  readonly #interceptor: WorkerInterceptor;
  readonly #log: Log;
  /** The id of the worker in paths. */
  readonly worker: string;

  constructor(interceptor: WorkerInterceptor, log: Log, worker: string) {
    this.#interceptor = interceptor;
    this.#log = log;
    this.worker = worker;
  }

  /** `undefined`: nobody follows this attempt. */
  starting(attempt: StartingAttempt): AttemptObserver | undefined {
    try {
      return this.#interceptor.starting?.(attempt);
    } catch (error) {
      this.#failed(attempt, error);
      return undefined;
    }
  }

  ended(attempt: StartingAttempt, observer: AttemptObserver | undefined, end: EndedAttempt): void {
    try {
      if (observer !== undefined) observer.ended(end);
      else if (FAILED.has(end.outcome)) this.#interceptor.failed?.(attempt, end);
    } catch (error) {
      this.#failed(attempt, error);
    }
  }

  #failed({ task, type }: StartingAttempt, error: unknown): void {
    this.#log.event('handler.background-error', { module: null, type, task, error: messageOf(error) });
  }
}
