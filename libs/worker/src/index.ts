export { Worker } from './worker.js';
export type { WorkerOptions } from './worker.js';
export type { WorkerSettings } from './settings.js';
export { BUILT_IN_GROUPS, BUILT_IN_TYPES } from './builtin/built-in-types.js';
export type { BuiltInGroup } from './builtin/built-in-types.js';
export type { HttpPolicyName, HttpPolicyOptions } from './builtin/http/address-policy.js';
export { HandlersModuleError } from './execution/catalog.js';
export { TaskAbortedError } from './execution/task-aborted-error.js';
export type { AbortCause } from './execution/task-aborted-error.js';
export type { TypeEntry } from './execution/catalog.js';
export type { Call, CallEnd, Execution, Executor } from './execution/executor.js';
// For whoever writes handlers, so that one import serves them.
export { defineHandler, defineHandlers, RejectTaskError, RetryLater } from '@drover/core';
export type {
  Handler,
  HandlerKind,
  Handlers,
  Json,
  RetryLaterOptions,
  Run,
  SchemaHandler,
  TaskContext,
  TaskTypes,
} from '@drover/core';
/** `LocalLane` is an earlier name of it. */
export { LocalExecutor, LocalExecutor as LocalLane } from './execution/local-executor.js';
export { runHandler } from './execution/run-handler.js';
export type { HandlerRun, RunHandlerOptions } from './execution/run-handler.js';
