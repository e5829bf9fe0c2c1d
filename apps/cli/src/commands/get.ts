import { localTask } from '@drover/core';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showTask } from '../views/task.js';

export const command: Command = {
  positionals: { 'task-id': { type: 'string', describe: 'Task id BATCH.INDEX, as printed by submit' } },
  options: {
    payload: { type: 'boolean', describe: 'Show the payload as well' },
    ...CLIENT_OPTIONS,
  },
  examples: [
    ['drover get 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'state, result or error, and earlier attempts'],
    ['drover get 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --json | jq .result', 'only the result'],
  ],
  run: async (environment) => {
    const { args, json, stdout, colors, runtime } = environment;
    const id = textArg(args, 'taskId') ?? '';
    localTask(id);
    return withClient(environment, async (drover, via) => {
      const task = await drover.get(id, { payload: flagArg(args, 'payload') });
      const width = stdout.isTerminal ? stdout.columns : Infinity;
      if (json) await stdout.json({ ...task, via });
      else await stdout.line(showTask(task, runtime.now(), colors, { stacks: flagArg(args, 'debug'), width }));
      return EXIT.DONE;
    });
  },
};
