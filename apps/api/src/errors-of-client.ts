import type { ErrorCode } from '@drover/api';
import {
  BatchConflictError,
  ClientClosedError,
  CommandRefusedError,
  CommandTimeoutError,
  GroupClosedError,
  InvalidPlanError,
  TooManyItemsError,
  FlowEndedError,
  IntakeClosedError,
  KeyTakenError,
  NoDroverError,
  NoLeaderError,
  NotDeadError,
  PartlyDoneError,
  QueueFullError,
  RevisionConflictError,
  RunNotFoundError,
  ScheduleNotFoundError,
  ServerLimitError,
  TokenNotFoundError,
  TooManyUnwrittenError,
  UnknownDefinitionError,
  WorkerNotFoundError,
} from '@drover/client';
import {
  DEFINITION_KINDS,
  FilterError,
  InvalidArgumentError,
  InvalidPayloadError,
  PayloadTooLargeError,
  RecordError,
  TaskNotFoundError,
  UnknownCellError,
  UnknownLimitError,
  type DefinitionKind,
} from '@drover/core';
import { BroadcastNotFoundError } from '@drover/inspect';
import { isZooKeeperError } from '@drover/zookeeper';
import { ApiError } from './api-error.js';

type Data = Readonly<Record<string, unknown>>;
interface Row {
  readonly is: (error: Error) => boolean;
  readonly code: ErrorCode;
  readonly data: (error: Error) => Data;
}
type ClassOf<E extends Error> = abstract new (...args: never) => E;

const NOTHING = (): Data => ({});
const row = <E extends Error>(of: ClassOf<E>, code: ErrorCode, data: (error: E) => Data = NOTHING): Row => ({
  is: (error) => error instanceof of,
  code,
  data: (error) => data(error as E),
});

const unknownDefinition = (kind: DefinitionKind): Row => ({
  is: (error) => error instanceof UnknownDefinitionError && error.kind === kind,
  code: `${kind}-not-found`,
  data: NOTHING,
});

/** When it makes sense to try again. */
const SOON = (): Data => ({ retryAfterMs: 1_000 });
const LATER = (): Data => ({ retryAfterMs: 5_000 });

const ROWS: readonly Row[] = [
  row(InvalidArgumentError, 'invalid-argument', ({ argument }) => ({ field: argument })),
  row(InvalidPayloadError, 'invalid-argument', () => ({ field: 'payload' })),
  row(FilterError, 'invalid-filter', ({ position }) => ({ position })),
  row(UnknownCellError, 'invalid-argument', () => ({ field: 'id' })),
  row(PayloadTooLargeError, 'payload-too-large', ({ limitBytes }) => ({ limit: limitBytes })),
  row(ServerLimitError, 'payload-too-large'),
  row(TaskNotFoundError, 'task-not-found'),
  row(RunNotFoundError, 'run-not-found'),
  row(BroadcastNotFoundError, 'broadcast-not-found'),
  row(InvalidPlanError, 'invalid-argument', () => ({ field: 'plan' })),
  row(TooManyItemsError, 'payload-too-large'),
  row(GroupClosedError, 'conflict', () => ({ state: 'closed' })),
  row(UnknownLimitError, 'limit-not-found'),
  ...DEFINITION_KINDS.map(unknownDefinition),
  row(WorkerNotFoundError, 'worker-not-found'),
  row(ScheduleNotFoundError, 'schedule-not-found'),
  row(TokenNotFoundError, 'token-not-found'),
  row(RevisionConflictError, 'revision-conflict', ({ revision }) => ({ revision })),
  row(BatchConflictError, 'conflict'),
  row(KeyTakenError, 'conflict'),
  row(NotDeadError, 'conflict'),
  row(FlowEndedError, 'conflict', () => ({ state: 'ended' })),
  row(CommandRefusedError, 'conflict'),
  row(RecordError, 'conflict', () => ({ state: 'unreadable' })),
  row(IntakeClosedError, 'intake-closed', LATER),
  row(QueueFullError, 'queue-full', LATER),
  row(NoLeaderError, 'no-leader', SOON),
  row(CommandTimeoutError, 'command-timeout'),
  row(TooManyUnwrittenError, 'zookeeper-unavailable', SOON),
  row(NoDroverError, 'zookeeper-unavailable', LATER),
  row(ClientClosedError, 'zookeeper-unavailable', SOON),
];

/** Codes of ZooKeeper's errors that pass by themselves. */
const isPassing = (error: Error): boolean =>
  isZooKeeperError(
    error,
    'CONNECTION_LOSS',
    'SESSION_EXPIRED',
    'SESSION_MOVED',
    'OPERATION_TIMEOUT',
    'REQUEST_TIMEOUT',
    'THROTTLED',
    'CLOSED',
    'QUOTA_EXCEEDED',
  );

/**
 * The API's answers where the client library throws. `null`: it is a fault of the program, of which the caller learns
 * nothing but that there is one.
 */
export function apiErrorOf(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (!(error instanceof Error)) return null;
  if (error instanceof PartlyDoneError) {
    const cause = apiErrorOf(error.cause);
    return cause === null ? null : new ApiError(cause.code, error.message, cause.data);
  }
  const found = ROWS.find(({ is }) => is(error));
  if (found !== undefined) return new ApiError(found.code, error.message, found.data(error));
  return isPassing(error)
    ? new ApiError('zookeeper-unavailable', 'ZooKeeper did not take the request; try again', SOON())
    : null;
}
