import type { TaskChange } from '@drover/client';
import { numberFromText, parseDuration, parseName, parsePriority } from '@drover/core';
import { ASKED_OPTIONS } from '../asked.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { FILTER_DETAILS, FILTER_OPTIONS } from '../filter-options.js';
import { CLIENT_OPTIONS } from '../options.js';
import { withFlags } from '../with-flags.js';
import { BULK_OPTIONS } from '../bulk/options.js';
import { changeTasks } from './change-tasks.js';

export const command: Command = {
  positionals: {
    task: { type: 'string', array: true, defaultDescription: 'none', describe: 'Task ids, or terms of a filter' },
  },
  options: {
    priority: { type: 'string', requiresArg: true, describe: 'Priority within its tenant, from -9 to 9' },
    delay: { type: 'string', requiresArg: true, describe: 'Not before this long from now, e.g. 5m' },
    at: { type: 'string', requiresArg: true, describe: 'Not before this time, e.g. 2026-12-24T18:00:00Z' },
    now: { type: 'boolean', describe: 'At once, whatever delay is left' },
    'to-queue': { type: 'string', requiresArg: true, describe: 'Queue in which it goes on' },
    ...ASKED_OPTIONS,
    ...BULK_OPTIONS,
    ...FILTER_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: `Only tasks that wait can be changed: one that a worker has, or that has ended, stays as it is, and the exit code is 1.
With another priority or queue a task gets a new id and all its attempts again; a client that waits for the old id gets the result
of the new one.\n\nWith a filter, the tasks that match and have not finished are counted first; exactly these are changed
after you confirm. ${FILTER_DETAILS}`,
  examples: [
    ['drover task set 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --now', 'starts now: without the rest of its delay or retry'],
    ['drover task set 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --priority 9', 'first within its tenant'],
    ['drover task set --queue mail --type newsletter --to-queue bulk --yes', 'moves all that wait to another queue'],
  ],
  run: async (environment) => {
    const wanted = await changeOf(environment);
    return changeTasks(environment, {
      verb: 'set',
      done: 'changed',
      eligible: '-state:succeeded,failed,cancelled',
      change: (drover, ids, asked) => drover.setTasks(ids, wanted, asked),
    });
  },
};

/** Throws `UsageError` and `InvalidArgumentError`. */
async function changeOf({ args, runtime }: Environment): Promise<TaskChange> {
  const [priority, delay, at, queue] = ['priority', 'delay', 'at', 'toQueue'].map((name) => textArg(args, name));
  const now = flagArg(args, 'now');
  const dues = [delay === undefined ? '' : '--delay', at === undefined ? '' : '--at', now ? '--now' : ''].filter(
    Boolean,
  );
  if (dues.length > 1) throw new UsageError(`give one of --delay, --at and --now, not ${dues.join(' and ')}`);
  const { checkChange, instantOf } = await import('@drover/client');
  const change: TaskChange = {
    ...(priority === undefined ? {} : { priority: parsePriority('--priority', numberFromText(priority)) }),
    ...(delay === undefined ? {} : { delay: parseDuration('--delay', delay) }),
    ...(at === undefined ? {} : { at: new Date(instantOf('--at', at)) }),
    ...(now ? { now } : {}),
    ...(queue === undefined ? {} : { queue: parseName('--to-queue', queue) }),
  };
  if (Object.keys(change).length === 0)
    throw new UsageError('nothing to change: give --priority, --delay, --at, --now or --to-queue');
  withFlags(() => checkChange(change, runtime.now()));
  return change;
}
