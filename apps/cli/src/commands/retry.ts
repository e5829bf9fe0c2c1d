import { ASKED_OPTIONS } from '../asked.js';
import { BULK_OPTIONS } from '../bulk/options.js';
import { changeTasks } from './change-tasks.js';
import type { Command } from '../command.js';
import { FILTER_DETAILS, FILTER_OPTIONS } from '../filter-options.js';
import { CLIENT_OPTIONS } from '../options.js';

export const command: Command = {
  positionals: {
    task: {
      type: 'string',
      array: true,
      defaultDescription: 'none',
      describe: 'Ids of failed tasks, or terms of a filter',
    },
  },
  options: { ...ASKED_OPTIONS, ...BULK_OPTIONS, ...FILTER_OPTIONS, ...CLIENT_OPTIONS },
  details: `A failed task runs again with all its attempts. Exits with 1 if a task had not failed.\n\nWith a filter, the failed tasks
that match are counted first; exactly these are retried after you confirm. ${FILTER_DETAILS}`,
  examples: [
    ['drover retry 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'one task'],
    ['drover retry error:timeout since:1h', 'asks before it retries them'],
    ['drover retry --queue mail --yes --reason "provider is back"', 'does not ask'],
    ['drover retry queue:mail since:2h --rate 500 --limit 10000', 'at 500 a second, the newest 10,000'],
  ],
  run: (environment) =>
    changeTasks(environment, {
      verb: 'retry',
      done: 'retried',
      eligible: 'state:failed',
      change: (drover, ids, asked) => drover.retry(ids, asked),
    }),
};
