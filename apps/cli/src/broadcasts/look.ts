import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { numberArg } from '../schedules/options.js';
import { showBroadcast, showBroadcasts } from './view.js';

export const ls: Command = {
  options: {
    limit: { type: 'string', requiresArg: true, describe: 'How many at most', defaultDescription: '100' },
    ...CLIENT_OPTIONS,
  },
  examples: [
    ['drover broadcasts ls', 'the newest broadcasts, with how far they have come'],
    ['drover broadcasts ls --json', 'one document a line'],
  ],
  run: async (environment) => {
    const limit = numberArg(environment.args, 'limit');
    return withClient(environment, async (drover, via) => {
      const { json, stdout, colors, runtime } = environment;
      const broadcasts = await drover.broadcasts.list(limit === undefined ? {} : { limit });
      if (json) for (const broadcast of broadcasts) await stdout.json({ ...broadcast, via });
      else if (broadcasts.length === 0) await stdout.line(colors.dim('no broadcasts'));
      else {
        const width = stdout.isTerminal ? stdout.columns : Infinity;
        await stdout.line(showBroadcasts(broadcasts, runtime.now(), colors, width));
      }
      return EXIT.DONE;
    });
  },
};

export const get: Command = {
  positionals: { id: { type: 'string', describe: 'Id of the broadcast' } },
  options: CLIENT_OPTIONS,
  examples: [['drover broadcasts get 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B', 'whom it reached, and what became of it there']],
  run: (environment) =>
    withClient(environment, async (drover, via) => {
      const { args, json, stdout, colors, runtime } = environment;
      const view = await drover.broadcasts.get(textArg(args, 'id') ?? '');
      if (json) await stdout.json({ ...view, via });
      else await stdout.line(showBroadcast(view, runtime.now(), colors, stdout.isTerminal ? stdout.columns : Infinity));
      return EXIT.DONE;
    }),
};
