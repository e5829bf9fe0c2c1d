export { runProcess } from './run-process.js';
export type { Program, RunProcessOptions } from './run-process.js';
export type { ProcessIdentity } from './with-ops.js';
