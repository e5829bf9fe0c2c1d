export { Worker } from './worker.js';
export type { WorkerOptions } from './worker.js';
export type { Declaration } from './declared.js';
export type { Machine, MachineLoad } from './machine/machine.js';
export { parseSpot, type SpotSource } from './spot/spot-source.js';
export type { LimitRange } from './adaptive/adaptive-limit.js';
export type { WorkerSettings } from './settings.js';
export type { WorkerApi } from './settings.js';
export { RUN_LOG_MODES } from './logs/run-logs.js';
export type { RunLogMode } from './logs/run-logs.js';
export type { AttemptLog, RunLogLine } from './logs/attempt-log.js';
export { BUILT_IN_GROUPS, BUILT_IN_TYPES } from './builtin/built-in-types.js';
export type { BuiltInGroup } from './builtin/built-in-types.js';
export type { HttpPolicyName, HttpPolicyOptions } from './builtin/http/address-policy.js';
export { HandlersModuleError } from './execution/catalog.js';
export { TaskAbortedError } from './execution/task-aborted-error.js';
export type { AbortCause } from './execution/task-aborted-error.js';
export type { TypeEntry } from './execution/catalog.js';
export type { Call, CallEnd, Execution, Executor } from './execution/executor.js';
// For whoever writes handlers, so that one import serves them.
export { defineHandler, defineHandlers, defineInterceptors, RejectTaskError, RetryLater } from '@drover/core';
export type {
  AttemptObserver,
  EndedAttempt,
  FailedAttempt,
  Handler,
  HandlerCall,
  HandlerInterceptor,
  HandlerKind,
  Handlers,
  Json,
  RetryLaterOptions,
  Run,
  SchemaHandler,
  StartingAttempt,
  TaskContext,
  TaskTypes,
  TraceContext,
  WorkerInterceptor,
} from '@drover/core';
/** `LocalLane` is an earlier name of it. */
export { LocalExecutor, LocalExecutor as LocalLane } from './execution/local-executor.js';
export { runHandler } from './execution/run-handler.js';
export type { HandlerRun, RunHandlerOptions } from './execution/run-handler.js';
