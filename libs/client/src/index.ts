export { connect, connectSession } from './connect.js';
export type {
  AnyTypes,
  Drover,
  FinishedTask,
  InputOf,
  SubmittedTask,
  Task,
  TaskEnding,
  TypesOf,
  TypesOfSchemas,
} from './api.js';
export type {
  AskOptions,
  ClientLimits,
  ConnectOptions,
  ResultOptions,
  RunOptions,
  SubmitOptions,
  TaskInput,
} from './options.js';
export type {
  Broadcast,
  BroadcastReply,
  BroadcastResult,
  Broadcasts,
  StartBroadcastOptions,
} from './broadcasts/api.js';
export type { TaskChange } from './admin/change.js';
export { deadLetters } from './admin/dead.js';
export type { EraseReply } from './admin/erase.js';
export { taskChecker } from './submit/check-tasks.js';
export type { CheckedTask } from './submit/check-tasks.js';
export type { PutBatchOptions, PutBatchReply } from './submit/put-batch.js';
export type {
  DeadLetters,
  DeadListOptions,
  DeadTask,
  PurgeOptions,
  PurgeReply,
  RedriveOptions,
  RedriveReply,
} from './admin/dead.js';
export type {
  BroadcastOfFire,
  FlowOfFire,
  Applied,
  ApplyOptions,
  BackfillOptions,
  BackfillView,
  Calendars,
  CalendarView,
  FireTime,
  NamedSchedule,
  ScheduleFire,
  ScheduleInput,
  ScheduleReply,
  Schedules,
  ScheduleSummary,
  ScheduleView,
  Started,
  TaskOfFire,
} from './schedules/api.js';
export { checkBackfill } from './schedules/backfills.js';
export { checkCalendar, checkOverlap, checkSchedules } from './schedules/check.js';
export type { FlowRunSummary, FlowRunView, RunListOptions, RunListPage, RunReply, Runs } from './flows/runs-api.js';
export type {
  Accounts,
  AccountUse,
  Capacity,
  Defined,
  DefinitionReply,
  Definitions,
  PoolCapacity,
  ScaleAdvice,
  Pools,
  Resources,
  SetOptions,
  StuckClass,
} from './definitions/api.js';
export type { LimitKeyView, LimitReply, Limits, LimitSummary, LimitView } from './limits/api.js';
export { checkChange } from './admin/change.js';
export { checkPreview, instantOf, previewSchedule } from './schedules/preview.js';
export type { TokenOptions, Tokens, TokenView } from './tokens/api.js';
export type { WhyView } from './admin/why.js';
export type { ClientWarning } from './warnings.js';
export type { QueueReply, TaskReply } from './replies.js';
export { BroadcastNotFoundError } from '@drover/inspect';
export type {
  AttemptView,
  BroadcastCounts,
  BroadcastSummary,
  BroadcastView,
  BroadcastWorker,
  Change,
  ListOptions,
  QueueView,
  SchedulerView,
  StatusView,
  TaskTally,
  TaskView,
  WorkerView,
} from '@drover/inspect';
export {
  BatchConflictError,
  ClientClosedError,
  CommandRefusedError,
  CommandTimeoutError,
  IntakeClosedError,
  KeyTakenError,
  NoDroverError,
  NoLeaderError,
  NotDeadError,
  PartlyDoneError,
  QueueFullError,
  ReadOnlyDriverError,
  ResultTimeoutError,
  RevisionConflictError,
  ScheduleNotFoundError,
  ServerLimitError,
  TokenNotFoundError,
  TooManyUnwrittenError,
  UnknownDefinitionError,
  WorkerNotFoundError,
} from './errors.js';
// The part of the core that users of the client need, so that one import suffices.
export {
  DroverError,
  FilterError,
  InvalidArgumentError,
  InvalidPayloadError,
  PayloadTooLargeError,
  RejectTaskError,
  RetryLater,
  TaskCancelledError,
  TaskFailedError,
  TaskNotFoundError,
  UnknownCellError,
  UnknownLimitError,
  defineHandler,
  defineHandlers,
} from '@drover/core';
export type {
  AccountOptions,
  AccountView,
  AnyHandlers,
  BatchBeingWritten,
  BatchObserver,
  BroadcastOptions,
  ClientInterceptor,
  Duration,
  Handler,
  HandlerOptions,
  Handlers,
  Json,
  LimitOptions,
  LimitSpec,
  PoolOptions,
  PoolView,
  ResourceOptions,
  ResourceView,
  ShownAmounts,
  PayloadIssue,
  PayloadSchema,
  QueueSettings,
  RetryLaterOptions,
  RetryPolicy,
  Role,
  SchemaHandler,
  TaskContext,
  TaskFire,
  TaskFailure,
  TaskId,
  ShownState,
  SubmittingTask,
  TaskState,
  TraceContext,
  TaskTypes,
} from '@drover/core';
export { all, any, flow, InvalidPlanError } from '@drover/flow';
export type { Flow, FlowBuilder, FlowOptions, RunView, StepView, WaitsFor } from '@drover/flow';
export {
  FlowCancelledError,
  FlowEndedError,
  FlowFailedError,
  GroupClosedError,
  ItemsRemovedError,
  RunNotFoundError,
  RunTimeoutError,
  TooManyItemsError,
} from './flows/errors.js';
export { Group } from './flows/group.js';
export type { GroupCallback, GroupOptions } from './flows/group.js';
export { MapReduce } from './flows/map-reduce.js';
export type { ShardedOptions, StartMap } from './flows/map-reduce.js';
export { Run } from './flows/run-handle.js';
export type { RunResultOptions, SignalOptions } from './flows/run-handle.js';
export type { StartOptions } from './flows/start-options.js';
export type { StartRequest } from './start-request.js';
export { ConnectTimeoutError } from '@drover/coordination';
export { createMetrics } from './create-metrics.js';
export type { Metrics, MetricsRegistry } from '@drover/observability';
