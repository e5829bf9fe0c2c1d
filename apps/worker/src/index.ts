export { runWorker } from './run-worker.js';
export type { RunWorkerOptions } from './run-worker.js';
