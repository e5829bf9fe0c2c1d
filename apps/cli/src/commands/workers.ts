import { withClient } from '../client.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showWorkers } from '../views/workers.js';

export const command: Command = {
  options: CLIENT_OPTIONS,
  details: `OUT counts the tasks that are handed out to a worker, RUNNING those of them that ran when it wrote its
record last, CAPACITY how many it runs at a time, LIMITS the types of which it runs fewer. A worker writes its record when the tasks change that have run for 250 ms,
every two seconds at most: while it runs only shorter ones, RUNNING may be old ("asOf" of --json says how old).`,
  examples: [
    ['drover workers', 'a line for each'],
    ['drover workers --json', 'a document for each, with its task types and the tasks it runs'],
  ],
  run: (environment) =>
    withClient(environment, async (drover, via) => {
      const { json, stdout, colors, runtime } = environment;
      const workers = await drover.workers();
      const width = stdout.isTerminal ? stdout.columns : Infinity;
      if (!json) await stdout.line(showWorkers(workers, runtime.now(), colors, width));
      else for (const worker of workers) await stdout.json({ ...worker, via });
      return EXIT.DONE;
    }),
};
