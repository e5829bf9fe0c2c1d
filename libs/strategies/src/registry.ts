import { InvalidArgumentError } from '@drover/core';
import { LeastLoadedStrategy } from './least-loaded.js';
import { RandomStrategy } from './random.js';
import { RoundRobinStrategy } from './round-robin.js';
import type { Strategy, StrategyFactory } from './strategy.js';
import { WeightedStrategy } from './weighted.js';

const factories = new Map<string, StrategyFactory>([
  ['random', () => new RandomStrategy()],
  ['round-robin', () => new RoundRobinStrategy()],
  ['weighted', () => new WeightedStrategy()],
  ['least-loaded', () => new LeastLoadedStrategy()],
]);

/** The names that `strategyNamed` knows now. */
export function strategyNames(): string[] {
  return [...factories.keys()];
}

/** A new strategy for one leader's term. Throws `InvalidArgumentError` that lists the known names. */
export function strategyNamed(name: string): Strategy {
  const factory = factories.get(name);
  if (factory === undefined) throw new InvalidArgumentError('strategy', name, `one of ${strategyNames().join(', ')}`);
  return factory();
}

/**
 * Adds a strategy of your own, under the name that it carries; call it before the scheduler starts. Hold it against
 * `brokenLaws` in a test. Throws `InvalidArgumentError` when the name is taken or is no name.
 */
export function registerStrategy(factory: StrategyFactory): void {
  const { name } = factory();
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new InvalidArgumentError('strategy name', name, 'lower case letters, digits and dashes');
  if (factories.has(name)) throw new InvalidArgumentError('strategy name', name, 'a name that is not taken yet');
  factories.set(name, factory);
}
