export * from './access.js';
export * from './cluster.js';
export * from './common.js';
export * from './definitions.js';
export * from './events.js';
export * from './operations.js';
export * from './submit.js';
export * from './task.js';
