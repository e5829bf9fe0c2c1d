export { benchmarkEnsemble, OWN_PARTS, type RunOptions } from './benchmark.js';
export { EFFORTS, FORM_TEXT, formOf, type Form } from './effort.js';
export { resultTables } from './print.js';
export type { Results } from './results.js';
