import { DroverError } from '@drover/core';

/**
 * Why a running attempt was told to end.
 * timed-out · heartbeat: it told no progress for too long · cancelled: on request · superseded: another task runs in its place ·
 * exceeded: the task's deadline is over · revoked: the assignment is gone, its results would be refused · expired: so is the
 * session · stopping: the worker stops and could not wait any longer.
 */
export const ABORT_CAUSES = [
  'timed-out',
  'heartbeat',
  'cancelled',
  'superseded',
  'exceeded',
  'revoked',
  'expired',
  'stopping',
] as const;
export type AbortCause = (typeof ABORT_CAUSES)[number];

/** The reason of `ctx.signal`. */
export class TaskAbortedError extends DroverError {
  override readonly name = 'TaskAbortedError';
  readonly abortCause: AbortCause;
  constructor(abortCause: AbortCause, message: string) {
    super(message);
    this.abortCause = abortCause;
  }
}
