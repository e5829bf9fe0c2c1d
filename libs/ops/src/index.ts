export { serveOps } from './serve-ops.js';
export type { ServeOpsOptions } from './serve-ops.js';
export type { OpsServer } from './ops-server.js';
export { runProcess } from './run-process.js';
export type { Program, RunProcessOptions } from './run-process.js';
export type { ProcessIdentity, Served } from './with-ops.js';
export type { RunLogSource, ServedLine, ServedLog } from './run-log-route.js';
