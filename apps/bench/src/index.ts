export { benchmarkEnsemble, OWN_PARTS } from './on-ensemble.js';
export type { OwnOptions } from './on-ensemble.js';
export { resultTables } from './print.js';
export type { Results } from './results.js';
