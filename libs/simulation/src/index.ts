export { Ensemble } from './server/ensemble.js';
export type { EnsembleOptions } from './server/ensemble.js';
export { Network } from './network/network.js';
