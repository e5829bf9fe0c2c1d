import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';

export const command: Command = {
  positionals: { queue: { type: 'string', describe: 'Name of the queue' } },
  options: CLIENT_OPTIONS,
  examples: [['drover pause images', 'what runs goes on, what waits goes on waiting']],
  run: (environment) =>
    withClient(environment, async (drover) => {
      const { args, json, stdout } = environment;
      const queue = textArg(args, 'queue') ?? '';
      await drover.pauseQueue(queue);
      if (json) await stdout.json({ queue, paused: true });
      else await stdout.line(`${queue} is paused: its tasks wait`);
      return EXIT.DONE;
    }),
};
