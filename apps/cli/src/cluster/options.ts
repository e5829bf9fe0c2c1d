import { processFields } from '@drover/config';
import type { Options } from 'yargs';
import { textArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { optionsOf } from '../options.js';

const text = (describe: string): Options => ({ type: 'string', requiresArg: true, describe });

/** What `dev` and `demo` have in common. */
export const CLUSTER_OPTIONS: Record<string, Options> = {
  zookeepers: text('ZooKeeper servers: 1, or 3 and more for an ensemble (1)'),
  schedulers: text('Schedulers (3)'),
  workers: text('Workers (3)'),
  'session-timeout': text('Of schedulers and workers: after so long a dead one is noticed'),
  keep: { type: 'boolean', describe: 'Keep the data folder, below .drover/, at the end' },
  zk: text('A ZooKeeper that runs already, instead of an embedded one [DROVER_ZK]'),
  ...optionsOf(processFields, 'General:'),
  json: { type: 'boolean', group: 'General:', describe: 'Write JSON' },
};

interface CountRange {
  min: number;
  /** Default 100. */
  max?: number;
  otherwise: number;
}

/** Throws `UsageError`. */
export function countOption(args: Environment['args'], name: string, range: CountRange): number {
  const { min, max = 100 } = range;
  const given = textArg(args, name);
  const count = given === undefined ? range.otherwise : Number(given);
  if (given !== '' && Number.isInteger(count) && count >= min && count <= max) return count;
  throw new UsageError(`--${name}: expected a whole number from ${min} to ${max}, got '${String(given)}'`);
}

/** A ZooKeeper that the user named; `null`: start one. */
export function givenZooKeeper({ args, env }: Environment): string | null {
  return textArg(args, 'zk') ?? (env.DROVER_ZK || null);
}

/** What schedulers and workers are told alike. */
export function memberArgs(args: Environment['args'], defaults: { sessionTimeout: string }): string[] {
  const level = textArg(args, 'logLevel');
  const timeout = ['--session-timeout', textArg(args, 'sessionTimeout') ?? defaults.sessionTimeout];
  return level === undefined ? timeout : [...timeout, '--log-level', level];
}
