import { listArg, type Command } from '../command.js';
import { CLIENT_OPTIONS } from '../options.js';
import { withClient } from '../client.js';
import { reportReplies } from './replies.js';

export const command: Command = {
  positionals: { 'task-id': { type: 'string', array: true, describe: 'One or more failed tasks' } },
  options: CLIENT_OPTIONS,
  details: 'A failed task runs again with all its attempts.',
  examples: [
    ['drover retry 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'exit code 1 where it had not failed'],
    ['drover ls --state failed --json | jq -r .id | xargs drover retry', 'all that is listed'],
  ],
  run: (environment) =>
    withClient(environment, async (drover) =>
      reportReplies(await drover.retry(listArg(environment.args, 'taskId')), 'runs again', environment),
    ),
};
