import { ASKED_OPTIONS } from '../asked.js';
import { BULK_OPTIONS } from '../bulk/options.js';
import { changeTasks } from './change-tasks.js';
import type { Command } from '../command.js';
import { FILTER_DETAILS, FILTER_OPTIONS } from '../filter-options.js';
import { CLIENT_OPTIONS } from '../options.js';

export const command: Command = {
  positionals: {
    task: { type: 'string', array: true, defaultDescription: 'none', describe: 'Task ids, or terms of a filter' },
  },
  options: { ...ASKED_OPTIONS, ...BULK_OPTIONS, ...FILTER_OPTIONS, ...CLIENT_OPTIONS },
  details: `A waiting task is cancelled at once; the handler of a running one is asked to stop, and the task is taken away if
it does not. Exits with 1 if a task had already finished.\n\nWith a filter, the tasks that match and have not finished are counted
first; exactly these are cancelled after you confirm. ${FILTER_DETAILS}`,
  examples: [
    ['drover cancel 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --reason "wrong input"', 'one task'],
    ['drover cancel queue:images since:1h', 'asks before it cancels them'],
    ['drover cancel --queue images --yes', 'does not ask'],
    ['drover cancel --filter "type:resize state:pending" --dry-run', 'only counts'],
  ],
  run: (environment) =>
    changeTasks(environment, {
      verb: 'cancel',
      done: 'cancelled',
      eligible: '-state:succeeded,failed,cancelled',
      change: (drover, ids, asked) => drover.cancel(ids, asked),
    }),
};
