export { ById } from './by-id.js';
export {
  AMOUNTS_SHAPE,
  formatAmount,
  formatAmounts,
  isInBytes,
  MOST_RESOURCES,
  parseAmount,
  parseAmounts,
  parseResourceName,
  sameAmounts,
  SLOTS,
  UNIT,
  type Amounts,
  type GivenAmounts,
} from './placement/amounts.js';
export {
  failing,
  OPERATORS,
  sameWhere,
  satisfies,
  WHERE_SHAPE,
  type Condition,
  type Labels,
  type Where,
} from './placement/conditions.js';
export { parseOvercommit, type Overcommit } from './placement/overcommit.js';
export { assertLabel } from './placement/parse-label.js';
export { parseCapacity, type Capacity } from './placement/parse-capacity.js';
export { isDevice, parseDemand, withSlots } from './placement/parse-demand.js';
export type { Preference } from './placement/parse-prefer.js';
export type { Apart, Spread, SpreadOver } from './placement/parse-spread.js';
export type { Sticky } from './placement/parse-sticky.js';
export { formatWhere, parseConditions, type GivenWhere } from './placement/parse-conditions.js';
export {
  FINAL_STATES,
  SHOWN_STATES,
  TASK_STATES,
  TASK_TRANSITIONS,
  canMove,
  isFinal,
  statesDocument,
} from './states.js';
export type { ShownState, TaskState } from './states.js';
export { DEFAULT_RETRY, retryDelayMs } from './retry.js';
export type { RetryPolicy } from './retry.js';
export { MAX_LOSSES, NO_PROGRESS, OUTCOMES, foldEnd } from './attempts.js';
export type { AttemptEnd, AttemptOutcome, KnownTask, Outcome, Progress, RangeEnd, Verdict } from './attempts.js';
export {
  DroverError,
  FAILURES,
  InvalidArgumentError,
  PayloadTooLargeError,
  RecordError,
  RejectTaskError,
  TaskCancelledError,
  TaskFailedError,
  TaskNotFoundError,
  UnknownCellError,
  UnknownLimitError,
} from './errors.js';
export type { ErrorCategory, TaskFailure } from './errors.js';
export { findDuplicateName } from './duplicate-name.js';
export { nearest } from './nearest.js';
export { escapeControls, inOneLine } from './printable.js';
export { checkAsked, type Asked } from './asked.js';
export { checkOptions, oneOf } from './check-options.js';
export { sameJson } from './same-json.js';
export { fnv1a, hash, mixed } from './hash.js';
export { DurationSketch, readBins, writtenBins, type Bins } from './sketch.js';
export { API_DEFAULT_LISTEN, AUTH_METHODS, DISABLEABLE, QUEUE_GLOB, ROLES } from './access.js';
export type { AuthMethod, Disableable, Role } from './access.js';
export { isWellFormed, parseName, parseType } from './names.js';
export { fits, numberFromText, patternOf } from './shapes.js';
export type { Shape } from './shapes.js';
export {
  DEFAULT_QUEUE,
  NO_TENANT,
  PLACEMENT,
  DEFAULT_TASK_OPTIONS,
  GROUP_OPTIONS,
  TASK_OPTIONS,
  TASK_OPTION_NAMES,
  parsePriority,
  parseTask,
  parseHeartbeat,
  parseTimeout,
  featuresOf,
  flagOf,
  sameOptions,
  toFlag,
} from './task-options.js';
export type { GivenTaskOptions, SubmitOptions, TaskOptionName, TaskOptions } from './task-options.js';
export type { AfterMode } from './parse-after.js';
export { checkLimitRef, parseLimitRef, parseLimitRefs, splitLimitRef } from './limit-refs.js';
export type { LimitRef } from './limit-refs.js';
export { formatLimit, formatRate, LIMIT_SCOPES, parseLimit, sameLimit } from './limit-spec.js';
export type { LimitOn, LimitOptions, LimitScope, LimitSpec, RateOptions, RateSpec } from './limit-spec.js';
export type { AccountOptions, AccountSpec, AccountView } from './placement/account-spec.js';
export { POOL_POLICIES } from './placement/pool-spec.js';
export type { PoolOptions, PoolSpec, PoolTemplate, PoolView, TemplateOptions } from './placement/pool-spec.js';
export type { ResourceOptions, ResourceSpec, ResourceView } from './placement/resource-spec.js';
export {
  changedDefinition,
  DEFINITION_KINDS,
  definitionOf,
  sameDefinition,
  type DefinitionKind,
  type DefinitionOptions,
  type DefinitionViews,
  type Specs,
} from './placement/definitions.js';
export { flagFromText } from './parse-flag.js';
export { shownAmount, shownAmounts, type ShownAmounts } from './placement/shown-amounts.js';
export { SEQUENCE_FAILURES } from './parse-sequence.js';
export type { Sequence, SequenceFailure, SequenceOptions } from './parse-sequence.js';
export { RetryLater } from './retry-later.js';
export type { RetryLaterOptions } from './retry-later.js';
export { parseRetry } from './parse-retry.js';
export { isLeaderDecided, UNIQUE_MODES } from './parse-unique.js';
export type { UniqueMode, UniqueOptions, UniquePolicy } from './parse-unique.js';
export { InvalidPayloadError, isPayloadSchema, validatePayload } from './schema.js';
export type { PayloadIssue, PayloadSchema, SchemaInput, SchemaOutput } from './schema.js';
export {
  BROADCAST_OPTION_NAMES,
  parseBroadcast,
  parseWhere,
  type BroadcastOptions,
  type BroadcastSpec,
} from './broadcast-options.js';
export { byWhom } from './by-whom.js';
export {
  CONNECTION_DEFAULTS,
  FAIRNESS_MEASURES,
  PREEMPT_GROUNDS,
  SCHEDULING_DEFAULTS,
  WORKER_DEFAULTS,
} from './defaults.js';
export type { FairnessMeasure, PreemptGround } from './defaults.js';
export { LIMITS, NAME_PATTERN, TYPE_PATTERN } from './limits.js';
export { batchIds, isBatchId, localBatch, localTask, parseTaskId, taskId, timeOfBatch } from './ids.js';
export type { BatchId, TaskAddress, TaskId } from './ids.js';
export { HANDLER_OPTION_NAMES, defineHandler, defineHandlers } from './handlers.js';
export type {
  AnyHandlers,
  FailedItem,
  FlowToBecome,
  GivenDemand,
  Handler,
  HandlerKind,
  HandlerOptions,
  Handlers,
  Json,
  Run,
  SchemaHandler,
  TaskContext,
  TaskFire,
  TaskFlow,
  TaskShard,
  TaskTypes,
} from './handlers.js';
export { defineInterceptors } from './interceptors.js';
export type {
  AttemptObserver,
  BatchBeingWritten,
  BatchObserver,
  ClientInterceptor,
  EndedAttempt,
  FailedAttempt,
  HandlerCall,
  HandlerInterceptor,
  ReportEnd,
  ReportObserver,
  SendingReport,
  StartingAttempt,
  SubmittingTask,
  WorkerInterceptor,
} from './interceptors.js';
export { isTraceparent, isTracestate, traceContextOf } from './trace-context.js';
export type { HandlerTrace, TraceContext } from './trace-context.js';
export { changedNumberProblem, findChangedNumber } from './exact-numbers.js';
export { formatDuration, LONGEST_MS, parseDuration, parseWithinYear } from './duration.js';
export { parseRate } from './rate.js';
export type { Rate } from './rate.js';
export type { Duration } from './duration.js';
export {
  DEFAULT_QUEUE_SETTINGS,
  QUEUE_SETTINGS,
  QUEUE_SETTING_NAMES,
  ON_DEAD,
  PENDING_BOUNDS,
  SERVICE_ORDER,
  changedQueueSettings,
  givenSettings,
  isDefaultSetting,
  isQueueSetting,
  queueSettingsOf,
  writtenSettings,
  featuresOfSettings,
} from './queues.js';
export type { Fairness, OnDead, QueueSettingName, QueueSettings } from './queues.js';
export { countOf, indexesOf, toRanges } from './ranges.js';
export type { Range } from './ranges.js';
export { FILTER_FIELD_NAMES } from './filter/fields.js';
export type { Filter, FilterField } from './filter/fields.js';
export { formatFilter } from './filter/format.js';
export { instantOf, matchesFilter, valuesOf } from './filter/match.js';
export type { FilterTarget } from './filter/match.js';
export { filterTerm, parseFilter } from './filter/parse.js';
export { FilterError } from './filter/scan.js';
