export { Ensemble } from './server/ensemble.js';
export type { EnsembleOptions } from './server/ensemble.js';
export { Network } from './network/network.js';
export { simulate } from './simulate.js';
export type { Outcome } from './simulate.js';
export { ABLATION_NAMES } from './ablations.js';
export type { AblationName } from './ablations.js';
export type { WorldOptions } from './world.js';
export { traceLine } from './trace.js';
