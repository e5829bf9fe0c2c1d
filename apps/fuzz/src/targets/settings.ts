import {
  ConfigError,
  resolveClientConfig,
  resolveSchedulerConfig,
  resolveWorkerConfig,
  schedulerFields,
  workerFields,
} from '@drover/config';
import fc from 'fast-check';
import type { Target } from '../target.js';

const NAMES = [...new Set([...Object.keys(schedulerFields), ...Object.keys(workerFields)])];
const RESOLVERS = [resolveClientConfig, resolveSchedulerConfig, resolveWorkerConfig];

const deep = (depth: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};
/** As a settings file may hold it. */
const anyValue = fc.oneof(
  { arbitrary: fc.string(), weight: 30 },
  {
    arbitrary: fc.constantFrom(
      '1',
      '0',
      '-1',
      '1e9',
      '6s',
      '1d',
      '0.5ms',
      'true',
      'a=b',
      'a=b,c',
      '=',
      ',',
      'localhost:1',
      'x:0/',
    ),
    weight: 30,
  },
  { arbitrary: fc.jsonValue(), weight: 30 },
  { arbitrary: fc.constant(deep(20_000)), weight: 1 },
);
const anySettings = fc.dictionary(fc.constantFrom(...NAMES), anyValue, { maxKeys: 6 });

/** Settings of every process, whatever they hold: a configuration, or a `ConfigError`. */
export function settingsTargets(): Target[] {
  const property = fc.property(anySettings, fc.constantFrom(...RESOLVERS), (flags, resolve) => {
    const env = Object.fromEntries(
      Object.entries(flags).flatMap(([name, value]) => (typeof value === 'string' ? [[envName(name), value]] : [])),
    );
    for (const sources of [{ flags, env: {} }, { env }]) survives(() => void resolve(sources));
  });
  return [{ name: 'settings', share: 0.02, property }];
}

const envName = (name: string): string => `DROVER_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

function survives(resolve: () => void): void {
  try {
    resolve();
  } catch (error) {
    if (!(error instanceof ConfigError && error.problems.length > 0)) throw error;
  }
}
