export { BUILT_IN_TYPES } from '@drover/worker';
export { checkHandlers, runWorker } from './run-worker.js';
export type { RunWorkerOptions } from './run-worker.js';
