import { DroverError, FAILURES, type TaskFailure } from '@drover/core';
import { isZooKeeperError } from '@drover/zookeeper';
import { StepRefusedError } from './step-call.js';

/** The assignment is gone: nothing that this attempt says counts any more. */
export const revoked = (): StepRefusedError =>
  new StepRefusedError({ name: FAILURES.WORKER_LOST, message: 'the assignment is gone', retryable: true });

/** How an attempt ends by an error while its step read or wrote: what is wrong in itself is not tried again. */
export function refused(error: unknown): StepRefusedError {
  if (error instanceof StepRefusedError) return error;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const isFinal = error instanceof DroverError || isZooKeeperError(error, 'REQUEST_TOO_LARGE');
  return new StepRefusedError({ name, message, retryable: !isFinal }, { cause: error });
}

/** To be sent to another thread. */
export function failureOfRefusal(error: unknown): TaskFailure {
  const { name, message, retryable } = refused(error);
  return { name, message, retryable };
}
