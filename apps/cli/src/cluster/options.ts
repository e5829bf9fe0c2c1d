import { processFields, resolveClientConfig } from '@drover/config';
import type { Options } from 'yargs';
import { textArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { GENERAL } from '../option-groups.js';
import { optionsOf } from '../options.js';

export const text = (describe: string, defaultDescription?: string): Options => ({
  ...{ type: 'string', requiresArg: true, describe },
  ...(defaultDescription === undefined ? {} : { defaultDescription }),
});

/** The sizes of the clusters of `dev` and `demo`. */
export const CLUSTER_SIZES = { zookeepers: 1, schedulers: 3, workers: 3 };

/** The common options of `dev` and `demo`. */
export const CLUSTER_OPTIONS: Record<string, Options> = {
  zookeepers: text('Number of ZooKeeper servers: 1, or 3 and more for an ensemble', String(CLUSTER_SIZES.zookeepers)),
  schedulers: text('Number of schedulers', String(CLUSTER_SIZES.schedulers)),
  workers: text('Number of workers', String(CLUSTER_SIZES.workers)),
  'session-timeout': text('How long until a dead scheduler or worker is noticed'),
  keep: { type: 'boolean', describe: 'Keep the data folder, below .drover/, at the end' },
  ...optionsOf(processFields, GENERAL),
  json: { type: 'boolean', group: GENERAL, describe: 'Print JSON' },
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

/** Throws `UsageError` where it is no connect string. `null`: none was given. */
export function zooKeeperFlag(args: Environment['args']): string | null {
  const given = textArg(args, 'zk') ?? null;
  if (given !== null) resolveClientConfig({ flags: { zk: given } });
  return given;
}

/**
 * Arguments that schedulers and workers share. `sessionTimeout`: the timeout if the user gives none; default: that of
 * the programs.
 */
export function memberArgs(args: Environment['args'], { sessionTimeout }: { sessionTimeout?: string } = {}): string[] {
  const timeout = textArg(args, 'sessionTimeout') ?? sessionTimeout;
  const level = textArg(args, 'logLevel');
  return [
    ...(timeout === undefined ? [] : ['--session-timeout', timeout]),
    ...(level === undefined ? [] : ['--log-level', level]),
  ];
}
