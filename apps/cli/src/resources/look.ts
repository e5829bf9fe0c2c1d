import { parseName } from '@drover/core';
import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showAccounts, showCapacity } from './view.js';

export const accounts: Command = {
  options: CLIENT_OPTIONS,
  details:
    'The leader answers. The share is the largest part of any resource that the tasks of an account hold, over its weight: ' +
    'who has least goes first.',
  examples: [
    ['drover accounts', 'all that are defined or own a queue with tasks'],
    ['drover accounts --json', 'one document a line'],
  ],
  run: (environment) =>
    withClient(environment, async (drover, via) => {
      const { json, stdout, colors } = environment;
      const uses = await drover.accounts.usage();
      if (json) for (const use of uses) await stdout.json({ ...use, via });
      else if (uses.length === 0) await stdout.line(colors.dim('no accounts'));
      else await stdout.line(showAccounts(uses, colors, stdout.isTerminal ? stdout.columns : Infinity));
      return EXIT.DONE;
    }),
};

export const capacity: Command = {
  options: {
    pool: { type: 'string', requiresArg: true, describe: 'Of this pool alone' },
    ...CLIENT_OPTIONS,
  },
  details: 'The leader answers. Claimed is what tasks that are out need; what is not claimed is free.',
  examples: [
    ['drover capacity', 'all pools, floating resources, and work that fits nowhere'],
    ['drover capacity --pool batch --json', 'one document for each pool'],
  ],
  run: async (environment) => {
    const { args, json, stdout, colors, runtime } = environment;
    const name = textArg(args, 'pool');
    const pool = name === undefined ? undefined : parseName('pool', name);
    return withClient(environment, async (drover, via) => {
      const found = await drover.capacity(pool === undefined ? {} : { pool });
      if (json) for (const each of found.pools) await stdout.json({ ...each, via });
      else {
        const width = stdout.isTerminal ? stdout.columns : Infinity;
        await stdout.line(showCapacity(found, { now: runtime.now(), colors, width }));
      }
      return EXIT.DONE;
    });
  },
};
