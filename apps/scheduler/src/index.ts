export { runScheduler } from './run-scheduler.js';
export type { RunSchedulerOptions } from './run-scheduler.js';
export { ConnectTimeoutError } from './connect-timeout.js';
