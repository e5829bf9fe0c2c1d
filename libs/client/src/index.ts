export { connect } from './connect.js';
export type { AnyTypes, Drover, FinishedTask, InputOf, Task, TypesOf } from './api.js';
export type {
  AskOptions,
  ClientLimits,
  ConnectOptions,
  Duration,
  ResultOptions,
  RunOptions,
  SubmitOptions,
  TaskInput,
} from './options.js';
export type { ClientWarning } from './warnings.js';
export type {
  AttemptView,
  Change,
  ListOptions,
  QueueReply,
  QueueView,
  SchedulerView,
  StatusView,
  TaskReply,
  TaskTally,
  TaskView,
  WorkerView,
} from './views.js';
export {
  ClientClosedError,
  CommandRefusedError,
  CommandTimeoutError,
  IntakeClosedError,
  NoDroverError,
  NoLeaderError,
  PartlyDoneError,
  ReadOnlyDriverError,
  ResultTimeoutError,
  TooManyUnwrittenError,
  WorkerNotFoundError,
} from './errors.js';
// What users of the client need of the core, so that one import serves them.
export {
  DroverError,
  FilterError,
  InvalidArgumentError,
  PayloadTooLargeError,
  TaskCancelledError,
  TaskFailedError,
  TaskNotFoundError,
  defineHandlers,
} from '@drover/core';
export type { Json, QueueSettings, RetryPolicy, TaskFailure, TaskId, TaskState } from '@drover/core';
export { ConnectTimeoutError } from '@drover/coordination';
export { createMetrics } from '@drover/observability';
export type { Metrics, MetricsRegistry } from '@drover/observability';
