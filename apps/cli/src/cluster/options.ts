import { processFields } from '@drover/config';
import type { Options } from 'yargs';
import { textArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { optionsOf } from '../options.js';

/** What `dev` and `demo` have in common. */
export const CLUSTER_OPTIONS: Record<string, Options> = {
  zookeepers: number('ZooKeeper servers: 1, or 3 and more for an ensemble (1)'),
  schedulers: number('Schedulers (3)'),
  workers: number('Workers (3)'),
  'session-timeout': text('Of schedulers and workers: after so long a dead one is noticed'),
  keep: { type: 'boolean', describe: 'Keep the data folder, below .drover/, at the end' },
  zk: text('A ZooKeeper that runs already, instead of an embedded one [DROVER_ZK]'),
  ...optionsOf(processFields, 'General:'),
  json: { type: 'boolean', group: 'General:', describe: 'Write JSON' },
};

function text(describe: string): Options {
  return { type: 'string', requiresArg: true, describe };
}
function number(describe: string): Options {
  return text(describe);
}

/** Throws `UsageError`. */
export function countOption(
  args: Environment['args'],
  name: string,
  range: { min: number; otherwise: number },
): number {
  const given = textArg(args, name);
  const count = given === undefined ? range.otherwise : Number(given);
  if (given !== '' && Number.isInteger(count) && count >= range.min && count <= 100) return count;
  throw new UsageError(`--${name}: expected a whole number from ${range.min} to 100, got '${String(given)}'`);
}

/** A ZooKeeper that the user named; `null`: start one. */
export function givenZooKeeper({ args, env }: Environment): string | null {
  return textArg(args, 'zk') ?? (env.DROVER_ZK || null);
}

export function memberArgs(args: Environment['args'], defaults: { sessionTimeout: string }): string[] {
  const level = textArg(args, 'logLevel');
  return [
    '--session-timeout',
    textArg(args, 'sessionTimeout') ?? defaults.sessionTimeout,
    ...(level === undefined ? [] : ['--log-level', level]),
  ];
}
