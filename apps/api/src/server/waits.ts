import type { Runtime } from '@drover/runtime';
import { ApiError } from '../api-error.js';

/** Requests that wait, and streams that are open, at one replica. */
export const MOST_WAITS = 10_000;
export const MOST_STREAMS = 1_000;
const RETRY_AFTER_MS = 5_000;

/** Counts what is open, and refuses what is too much. */
export class Waits {
  #waits = 0;
  #streams = 0;

  get waits(): number {
    return this.#waits;
  }

  get streams(): number {
    return this.#streams;
  }

  /** Runs `act` as one wait. Throws `ApiError` `too-many-waits`. */
  async waiting<T>(act: () => Promise<T>): Promise<T> {
    if (this.#waits >= MOST_WAITS) throw tooMany('requests wait', MOST_WAITS);
    this.#waits++;
    try {
      return await act();
    } finally {
      this.#waits--;
    }
  }

  /** Counts a stream until the function that it returns is called. Throws `ApiError` `too-many-waits`. */
  stream(): () => void {
    if (this.#streams >= MOST_STREAMS) throw tooMany('streams are open', MOST_STREAMS);
    this.#streams++;
    let open = true;
    return () => {
      if (open) this.#streams--;
      open = false;
    };
  }
}

const tooMany = (what: string, limit: number): ApiError =>
  new ApiError('too-many-waits', `${limit} ${what} at this replica already; ask another one, or later`, {
    limit,
    retryAfterMs: RETRY_AFTER_MS,
  });

/**
 * Resolves with true when `happened` holds, which is asked again at each call of `listen`'s callback, and with false after
 * `waitMs` or when the signal is aborted.
 */
export function untilChanged(
  runtime: Runtime,
  {
    waitMs,
    signal,
    happened,
    listen,
  }: {
    waitMs: number;
    signal: AbortSignal;
    happened: () => boolean;
    listen: (callback: () => void) => () => void;
  },
): Promise<boolean> {
  if (happened()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = (answer: boolean): void => {
      timer.cancel();
      stop();
      signal.removeEventListener('abort', aborted);
      resolve(answer);
    };
    const aborted = (): void => done(false);
    const timer = runtime.after(waitMs, () => done(false));
    const stop = listen(() => {
      if (happened()) done(true);
    });
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) done(false);
  });
}
