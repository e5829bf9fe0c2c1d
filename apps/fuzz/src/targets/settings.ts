import {
  ConfigError,
  CONTEXT_FIELDS,
  GUARDS,
  parseContexts,
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
  return [
    { name: 'settings', share: 0.02, property },
    { name: 'contexts', share: 0.01, property: contextsProperty() },
  ];
}

/** A file of contexts, whatever it holds: contexts, or a `ConfigError`. */
function contextsProperty(): Target['property'] {
  const names = [...Object.keys(CONTEXT_FIELDS), ...Object.keys(GUARDS), 'token', '__proto__'];
  const context = fc.dictionary(fc.constantFrom(...names), anyValue, { maxKeys: 4 });
  const contexts = fc.dictionary(fc.constantFrom('prod', 'a b', '', '__proto__', 'constructor'), context, {
    maxKeys: 3,
  });
  const file = fc.record({ current: fc.constantFrom('prod', 'none', 1), contexts }, { requiredKeys: [] });
  const texts = fc.oneof(fc.string(), file.map(textOf));
  return fc.property(texts, (text) => survives(() => void parseContexts(text, 'contexts.json')));
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // It is nested too deeply to be written.
    return '['.repeat(20_000);
  }
}

const envName = (name: string): string => `DROVER_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

function survives(resolve: () => void): void {
  try {
    resolve();
  } catch (error) {
    if (!(error instanceof ConfigError && error.problems.length > 0)) throw error;
  }
}
