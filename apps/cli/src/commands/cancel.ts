import { listArg, type Command } from '../command.js';
import { CLIENT_OPTIONS } from '../options.js';
import { withClient } from '../client.js';
import { reportReplies } from './replies.js';

export const command: Command = {
  positionals: { 'task-id': { type: 'string', array: true, describe: 'One or more tasks' } },
  options: CLIENT_OPTIONS,
  details: 'A task that waits is cancelled at once; one that runs is asked to stop, and taken away if it does not.',
  examples: [['drover cancel 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'exit code 1 where it had ended already']],
  run: (environment) =>
    withClient(environment, async (drover) =>
      reportReplies(await drover.cancel(listArg(environment.args, 'taskId')), 'cancelled', environment),
    ),
};
