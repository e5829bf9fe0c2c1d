import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';

export const command: Command = {
  positionals: { queue: { type: 'string', describe: 'Name of the queue' } },
  options: CLIENT_OPTIONS,
  examples: [['drover resume images', 'its tasks are handed out again']],
  run: (environment) =>
    withClient(environment, async (drover) => {
      const { args, json, stdout } = environment;
      const queue = textArg(args, 'queue') ?? '';
      await drover.resumeQueue(queue);
      if (json) await stdout.json({ queue, paused: false });
      else await stdout.line(`${queue} is open`);
      return EXIT.DONE;
    }),
};
