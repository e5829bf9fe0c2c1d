export { Scheduler } from './scheduler.js';
export type { SchedulerOptions } from './scheduler-options.js';
