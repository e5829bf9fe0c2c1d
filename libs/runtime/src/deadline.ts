import { inBackground, toldElsewhere } from './in-background.js';
import type { Runtime } from './runtime.js';

/** The reason with which a deadline aborts. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** Runs `act` with a signal that is aborted with `DeadlinePassed` after `timeoutMs`. */
export async function withDeadline<T>(
  runtime: Runtime,
  timeoutMs: number,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = runtime.after(timeoutMs, () => controller.abort(new DeadlinePassed()));
  try {
    return await act(controller.signal);
  } finally {
    timer.cancel();
  }
}

/** `promise`, unless `signal` is aborted first: then it rejects with the signal's reason. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Nobody waits for it any more, however it ends: the caller hears of the signal.
  if (signal.aborted) inBackground(promise, toldElsewhere);
  signal.throwIfAborted();
  let aborted = (): void => undefined;
  const abort = new Promise<never>((_, reject) => {
    aborted = () => reject(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
  });
  try {
    return await Promise.race([promise, abort]);
  } finally {
    signal.removeEventListener('abort', aborted);
  }
}
