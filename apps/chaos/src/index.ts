export type * from './system.js';
export { startTopology, type TopologyOptions } from './topology/topology.js';
export { FAULTS } from './faults/index.js';
