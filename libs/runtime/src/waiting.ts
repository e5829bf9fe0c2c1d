import type { Runtime } from './runtime.js';

/** Resolves after `delayMs`. It cannot be called off: where that matters, use `runtime.after`. */
export function sleep(runtime: Runtime, delayMs: number): Promise<void> {
  return new Promise((resolve) => void runtime.after(delayMs, resolve));
}

/** Whether `done` was fulfilled within `limitMs`; rejects where it was rejected in that time. */
export async function within(runtime: Runtime, limitMs: number, done: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = runtime.after(limitMs, () => resolve(false));
    done.then(() => resolve(true), reject).finally(() => timer.cancel());
  });
}

/** A sleep that `end` ends early, so that a service which stops leaves no timer behind. One sleep at a time. */
export class Pause {
  #end: (() => void) | null = null;

  /** Resolves after `delayMs`, or when `end` is called. */
  sleep(runtime: Runtime, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = runtime.after(delayMs, () => this.end());
      this.#end = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  end(): void {
    this.#end?.();
    this.#end = null;
  }
}
