export { BroadcastNotFoundError } from './broadcast-not-found.js';
export { checkBroadcastId, LISTED, listBroadcasts, readBroadcastView } from './broadcasts.js';
export { checkTaskId, getTask } from './get-task.js';
export { listTasks } from './list-tasks.js';
export { memoryOf, ReadCache, UNUSED_MS } from './read-cache.js';
export { readOne } from './records.js';
export { readQueueViews, readStatusView, readWorkerViews } from './status.js';
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
} from './views.js';
export { Places } from './flows/places.js';
export type { Place } from './flows/places.js';
export { endIn, notesInOrder, readFlow, readNotes, readPlan } from './flows/run-records.js';
export type { EndedRun } from './flows/run-records.js';
export { readRunHeader, readStoredRun } from './flows/stored-run.js';
export type { StoredRun } from './flows/stored-run.js';
export { RunReader } from './flows/run-reader.js';
export { readSignal } from './flows/signals.js';
export { TaskEnds } from './flows/task-ends.js';
export type { StepEnd } from './flows/task-ends.js';
