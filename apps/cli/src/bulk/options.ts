import type { Options } from 'yargs';
import { flagArg, textArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';

const text = (describe: string): Options => ({ type: 'string', requiresArg: true, describe });

/** Options of commands that change tasks by filter. */
export const BULK_OPTIONS: Record<string, Options> = {
  yes: { type: 'boolean', alias: 'y', describe: 'With a filter: do not ask for confirmation' },
  'dry-run': { type: 'boolean', describe: 'With a filter: only count' },
  limit: text('With a filter: at most so many tasks'),
  rate: text("With a filter: at most so many tasks a second, or 'unlimited'"),
  from: text('With a filter: go on from where an earlier run stopped'),
};

/** How tasks are changed by filter. */
export interface BulkWishes {
  dryRun: boolean;
  /** Infinity: all. */
  limit: number;
  /** Tasks a second; `null`: not said. */
  rate: number | 'unlimited' | null;
  /** Null: from the beginning. */
  from: string | null;
}

/** Throws `UsageError`. */
export function bulkWishesOf(args: Environment['args'], byFilter: boolean): BulkWishes {
  const wishes = {
    dryRun: flagArg(args, 'dryRun'),
    limit: limitOf(textArg(args, 'limit')),
    rate: rateOf(textArg(args, 'rate')),
    from: textArg(args, 'from') ?? null,
  };
  const useless = ['dryRun', 'limit', 'rate', 'from'].find((name) => args[name] !== undefined && args[name] !== false);
  if (byFilter || useless === undefined) return wishes;
  throw new UsageError(`--${useless === 'dryRun' ? 'dry-run' : useless} is for tasks that are chosen by a filter`);
}

function limitOf(given: string | undefined): number {
  if (given === undefined) return Infinity;
  const limit = Number(given);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UsageError(`--limit: expected a whole number above 0, got '${given}'`);
}

function rateOf(given: string | undefined): BulkWishes['rate'] {
  if (given === undefined || given === 'unlimited') return given ?? null;
  const rate = Number(given.replace(/\/s$/, ''));
  if (Number.isFinite(rate) && rate > 0) return rate;
  throw new UsageError(`--rate: expected tasks a second, such as 500, or 'unlimited', got '${given}'`);
}
