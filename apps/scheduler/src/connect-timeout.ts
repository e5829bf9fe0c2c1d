import type { ConnectionConfig } from '@drover/config';
import { DroverError } from '@drover/core';
import type { Runtime } from '@drover/runtime';

/** Thrown when ZooKeeper could not be reached in time. */
export class ConnectTimeoutError extends DroverError {
  override readonly name = 'ConnectTimeoutError';
  constructor(connect: string, timeoutMs: number) {
    super(`no ZooKeeper at ${connect} within ${timeoutMs / 1000} s; is it running, and is --zk right?`);
  }
}

/** Bounded while ZooKeeper has never been reached; from then on a scheduler waits for it as long as it takes. */
export async function withinConnectTimeout(
  { connect, connectTimeoutMs }: ConnectionConfig,
  runtime: Runtime,
  signal: AbortSignal,
  start: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const attempt = new AbortController();
  const timer = runtime.after(connectTimeoutMs, () =>
    attempt.abort(new ConnectTimeoutError(connect, connectTimeoutMs)),
  );
  try {
    await start(AbortSignal.any([attempt.signal, signal]));
  } finally {
    timer.cancel();
  }
}
