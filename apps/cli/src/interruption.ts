import { unlessAborted } from '@drover/runtime';

/** Resolves with the result of `work`; rejects with the signal's reason as soon as the process is asked to stop. */
export async function untilInterrupted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return unlessAborted(work(), signal);
}

/** Resolves when the process was asked to stop. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
