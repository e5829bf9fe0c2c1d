import { withClient } from '../client.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { nameArg } from '../schedules/options.js';
import { showLimit, showLimits } from './view.js';

export const ls: Command = {
  options: CLIENT_OPTIONS,
  details: 'The leader answers: it knows how many tasks run and wait.',
  examples: [
    ['drover limit ls', 'all limits'],
    ['drover limit ls --json', 'one document a line'],
  ],
  run: (environment) =>
    withClient(environment, async (drover, via) => {
      const { json, stdout, colors, runtime } = environment;
      const limits = await drover.limits.usage();
      if (json) for (const limit of limits) await stdout.json({ ...limit, via });
      else if (limits.length === 0) await stdout.line(colors.dim('no limits'));
      else await stdout.line(showLimits(limits, runtime.now(), colors, stdout.isTerminal ? stdout.columns : Infinity));
      return EXIT.DONE;
    }),
};

export const get: Command = {
  positionals: { name: { type: 'string', describe: 'Name of the limit' } },
  options: CLIENT_OPTIONS,
  details: 'The leader answers: it knows how many tasks run and wait.',
  examples: [['drover limit get stripe', 'its definition, its holds, and its busiest keys']],
  run: async (environment) => {
    const { args, json, stdout, colors, runtime } = environment;
    const name = nameArg(args);
    return withClient(environment, async (drover, via) => {
      const view = await drover.limits.get(name);
      if (json) await stdout.json({ ...view, via });
      else await stdout.line(showLimit(view, runtime.now(), colors, stdout.isTerminal ? stdout.columns : Infinity));
      return EXIT.DONE;
    });
  },
};
