import { DroverError } from '@drover/core';

/**
 * Why a running attempt was told to end.
 * timed-out · heartbeat: it told no progress for too long · cancelled: on request · superseded: another task runs in its place ·
 * exceeded: the task's deadline is over · preempted: it makes room for others · device-gone: the worker does not have
 * a device of it any more · outrun: another attempt of the task was
 * faster · revoked: the assignment is gone, its results would be refused · expired: so is the
 * session · stopping: the worker stops and could not wait any longer.
 */
export const ABORT_CAUSES = [
  'timed-out',
  'heartbeat',
  'cancelled',
  'superseded',
  'exceeded',
  'preempted',
  'device-gone',
  'outrun',
  'revoked',
  'expired',
  'stopping',
] as const;
export type AbortCause = (typeof ABORT_CAUSES)[number];

/** The same in the few words that a handler needs: what it does about it differs by these. */
const CAUSES = {
  'timed-out': 'timeout',
  heartbeat: 'timeout',
  exceeded: 'timeout',
  cancelled: 'cancelled',
  superseded: 'cancelled',
  preempted: 'preempted',
  'device-gone': 'revoked',
  outrun: 'outrun',
  revoked: 'revoked',
  expired: 'revoked',
  stopping: 'stopping',
} as const satisfies Record<AbortCause, string>;

/** The reason of `ctx.signal`. `cause`: why, as handlers need it; `abortCause`: exactly. */
export class TaskAbortedError extends DroverError {
  override readonly name = 'TaskAbortedError';
  override readonly cause: (typeof CAUSES)[AbortCause];
  readonly abortCause: AbortCause;
  constructor(abortCause: AbortCause, message: string) {
    super(message);
    this.abortCause = abortCause;
    this.cause = CAUSES[abortCause];
  }
}
