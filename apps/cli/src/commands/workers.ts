import { withClient } from '../client.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showWorkers } from '../views/status.js';

export const command: Command = {
  options: CLIENT_OPTIONS,
  examples: [
    ['drover workers', 'a line for each'],
    ['drover workers --json', 'a document for each, with its task types and what runs long'],
  ],
  run: (environment) =>
    withClient(environment, async (drover) => {
      const { json, stdout, colors } = environment;
      const workers = await drover.workers();
      if (!json) await stdout.line(showWorkers(workers, colors));
      else for (const worker of workers) await stdout.json(worker);
      return EXIT.DONE;
    }),
};
