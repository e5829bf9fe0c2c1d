export type { Candidate, Strategy, StrategyFactory } from './strategy.js';
export { registerStrategy, strategyNamed, strategyNames } from './registry.js';
export { RandomStrategy } from './random.js';
export { RoundRobinStrategy } from './round-robin.js';
export { WeightedStrategy } from './weighted.js';
export { LeastLoadedStrategy } from './least-loaded.js';
export { answersOf, brokenLaws, brokenLawsOf, heldBack, passedOver } from './laws.js';
export type { Call } from './laws.js';
