export { startOps } from './ops-server.js';
export type { Health, OpsOptions, OpsServer } from './ops-server.js';
