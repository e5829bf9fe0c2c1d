import { DroverError } from '@drover/core';
import { DeadlinePassed, withDeadline, type Runtime } from '@drover/runtime';

/** Thrown when ZooKeeper could not be reached in time. */
export class ConnectTimeoutError extends DroverError {
  override readonly name = 'ConnectTimeoutError';
  override readonly category = 'unreachable';
  readonly connect: string;
  readonly timeoutMs: number;
  constructor(connect: string, timeoutMs: number, cause?: Error) {
    const why = cause === undefined ? '' : ` (${cause.message})`;
    super(
      `no ZooKeeper at ${connect} within ${timeoutMs / 1_000} s: check that it runs, and the address${why}`,
      cause === undefined ? undefined : { cause },
    );
    this.connect = connect;
    this.timeoutMs = timeoutMs;
  }
}

export interface ConnectBound {
  connect: string;
  timeoutMs: number;
  runtime: Runtime;
  /** Ends the wait too; `ready` then rejects with its reason. */
  signal?: AbortSignal;
  /** The error of the last attempt, if it is known. */
  whyNot?: () => Error | undefined;
}

/** Bounds the time of the first connection; after that a process waits for ZooKeeper without a limit. */
export async function withinConnectTimeout(
  { connect, timeoutMs, runtime, signal, whyNot }: ConnectBound,
  ready: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  try {
    await withDeadline(runtime, timeoutMs, (deadline) =>
      ready(signal === undefined ? deadline : AbortSignal.any([deadline, signal])),
    );
  } catch (error) {
    if (error instanceof DeadlinePassed) throw new ConnectTimeoutError(connect, timeoutMs, whyNot?.());
    throw error;
  }
}
