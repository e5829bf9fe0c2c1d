import type { ZooKeeperError } from '../errors.js';
import type { SessionState } from '../port.js';
import type { CallerErrors } from './caller-errors.js';

type Listener = (state: SessionState) => void;
interface Waiter {
  resolve: () => void;
  reject: (error: ZooKeeperError) => void;
}

/** The listeners for changes of state, and the callers that wait for a connection. */
export class StateListeners {
  readonly #listeners = new Set<{ listener: Listener }>();
  readonly #waiters = new Set<Waiter>();
  readonly #callers: CallerErrors;

  constructor(callers: CallerErrors) {
    this.#callers = callers;
  }

  add(listener: Listener): () => void {
    // Wrapped, so that one function added twice is called twice and removed one at a time.
    const added = { listener };
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  notify(state: SessionState): void {
    for (const added of [...this.#listeners]) {
      if (this.#listeners.has(added)) this.#callers.guard(() => added.listener(state));
    }
  }

  /** Settles with `settleWaiters`, or rejects with the reason of `signal`. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const abort = (): void => settle(() => reject(signal?.reason as Error));
      const settle = (how: () => void): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', abort);
        how();
      };
      const waiter: Waiter = {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** `error`: there will be no connection any more. */
  settleWaiters(error: ZooKeeperError | null): void {
    for (const waiter of [...this.#waiters]) {
      if (error === null) waiter.resolve();
      else waiter.reject(error);
    }
  }
}
