export { TASK_STATES, TASK_TRANSITIONS, isFinal } from './states.js';
export type { TaskState } from './states.js';
export { DEFAULT_RETRY, retryDelayMs } from './retry.js';
export type { RetryPolicy } from './retry.js';
export { DEFAULT_TASK_OPTIONS, MAX_LOSSES, NO_PROGRESS, OUTCOMES, afterAttempt, isNews } from './attempts.js';
export type { AttemptEnd, Outcome, Progress, TaskOptions, Verdict } from './attempts.js';
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
} from './errors.js';
export type { TaskFailure } from './errors.js';
export { nearest } from './nearest.js';
export { escapeControls, inOneLine } from './printable.js';
export { LIMITS, NAME_PATTERN, TYPE_PATTERN } from './limits.js';
export { batchIds, isBatchId, parseTaskId, taskId } from './ids.js';
export type { BatchId, TaskId } from './ids.js';
export { defineHandlers } from './handlers.js';
export type { Handler, HandlerKind, Handlers, Json, Run, TaskContext, TaskTypes } from './handlers.js';
export { parseDuration } from './duration.js';
export { DEFAULT_QUEUE_SETTINGS } from './queues.js';
export type { QueueSettings } from './queues.js';
export { countOf, indexesOf, toRanges } from './ranges.js';
export type { Range } from './ranges.js';
