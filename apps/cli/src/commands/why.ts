import { localTask } from '@drover/core';
import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showWhy } from '../views/why.js';

export const command: Command = {
  positionals: { 'task-id': { type: 'string', describe: 'Task id BATCH.INDEX, as printed by submit' } },
  options: CLIENT_OPTIONS,
  examples: [
    ['drover why 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'the reason to mend first, then all of them'],
    ['drover why 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --json | jq -r .sentence', 'only the first reason'],
  ],
  details: 'The leader answers: the command writes a small znode below /commands and removes it.',
  run: async (environment) => {
    const { args, json, stdout, colors } = environment;
    const id = textArg(args, 'taskId') ?? '';
    localTask(id);
    return withClient(environment, async (drover) => {
      const view = await drover.why(id);
      const width = stdout.isTerminal ? stdout.columns : Infinity;
      if (json) await stdout.json(view);
      else await stdout.line(showWhy(view, environment.runtime.now(), colors, width));
      return EXIT.DONE;
    });
  },
};
