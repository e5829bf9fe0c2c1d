/**
 * For a promise that the caller does not wait for: `onFailure` gets what it is rejected with, and says by its name what
 * becomes of that. What `onFailure` throws ends as `uncaught` says. Lint refuses a promise that is neither awaited, nor
 * returned, nor given to this.
 */
export function inBackground(promise: PromiseLike<unknown>, onFailure: (error: unknown) => void): void {
  promise.then(undefined, onFailure);
}

/**
 * `onFailure` of a promise that never rejects. If it does, this program has a fault: the error goes to those who look
 * after `unhandledRejection`, and where nobody does, Node prints it with its stack and ends the process with code 1.
 */
export function uncaught(error: unknown): never {
  throw error;
}

/** `onFailure` of a promise whose failure reaches its owner another way, or comes after one that did. */
export function toldElsewhere(_error: unknown): void {
  // Nothing is left to do here.
}
