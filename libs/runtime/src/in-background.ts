/**
 * For a promise that the caller does not wait for. `onFailure` is called with the error if the promise is rejected; an
 * error that `onFailure` throws becomes an unhandled rejection, as with `uncaught`. Lint refuses a promise that is
 * neither awaited, nor returned, nor given to this.
 */
export function inBackground(promise: PromiseLike<unknown>, onFailure: (error: unknown) => void): void {
  promise.then(undefined, onFailure);
}

/**
 * `onFailure` of a promise that never rejects. If it does, this program has a fault: the listeners of
 * `unhandledRejection` get the error; if there are none, Node prints it with its stack and ends the process with code
 * 1.
 */
export function uncaught(error: unknown): never {
  throw error;
}

/** `onFailure` of a promise whose failure is reported another way, or follows a failure that was reported. */
export function toldElsewhere(_error: unknown): void {
  // Nothing is left to do here.
}
