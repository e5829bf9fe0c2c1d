export { startOps } from './ops-server.js';
export type { OpsOptions, OpsServer } from './ops-server.js';
export { processMetrics, withOps } from './with-ops.js';
export type { ProcessIdentity, WithOpsOptions } from './with-ops.js';
