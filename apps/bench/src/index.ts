export { PARTS, runBenchmark } from './benchmark.js';
export type { EnsembleResults, Results, RunOptions } from './benchmark.js';
export { printResults } from './print.js';
