export type { Runtime, Timer } from './runtime.js';
export { systemRuntime } from './system.js';
export type { Service } from './service.js';
export { messageOf } from './message-of.js';
export { sleep, within } from './waiting.js';
export { DeadlinePassed, unlessAborted, withDeadline } from './deadline.js';
export { runService } from './run-service.js';
export type { RunServiceOptions } from './run-service.js';
