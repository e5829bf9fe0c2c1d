import { withClient } from '../client.js';
import { flagArg, textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';

export const command: Command = {
  positionals: { worker: { type: 'string', describe: 'Its name, or its id as `workers --json` has it' } },
  options: {
    off: { type: 'boolean', describe: 'Take tasks again' },
    ...CLIENT_OPTIONS,
  },
  examples: [
    ['drover drain w1', 'before maintenance: what it runs goes on, nothing new comes'],
    ['drover drain w1 --off', 'it may take tasks again'],
  ],
  run: (environment) =>
    withClient(environment, async (drover) => {
      const { args, json, stdout } = environment;
      const worker = textArg(args, 'worker') ?? '';
      const draining = !flagArg(args, 'off');
      await drover.drain(worker, draining);
      if (json) await stdout.json({ worker, draining });
      else await stdout.line(`${worker} ${draining ? 'is given no more tasks' : 'takes tasks again'}`);
      return EXIT.DONE;
    }),
};
