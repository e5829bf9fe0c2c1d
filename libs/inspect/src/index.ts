export { checkTaskId, getTask } from './get-task.js';
export { listTasks } from './list-tasks.js';
export { readOne } from './records.js';
export { readQueueViews, readStatusView, readWorkerViews } from './status.js';
export type {
  AttemptView,
  Change,
  ListOptions,
  QueueView,
  SchedulerView,
  StatusView,
  TaskTally,
  TaskView,
  WorkerView,
} from './views.js';
