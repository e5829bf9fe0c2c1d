export type { Runtime, Timer } from './runtime.js';
export { systemRuntime } from './system.js';
export type { Service } from './service.js';
