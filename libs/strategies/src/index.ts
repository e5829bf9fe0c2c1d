export type { Candidate, Strategy, StrategyFactory } from './strategy.js';
