export { runScheduler } from './run-scheduler.js';
export type { RunSchedulerOptions } from './run-scheduler.js';
