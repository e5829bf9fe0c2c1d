import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { listArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';

export const command: Command = {
  positionals: { id: { type: 'string', array: true, describe: 'Ids of broadcasts' } },
  options: { ...ASKED_OPTIONS, ...CLIENT_OPTIONS },
  details:
    'No worker joins it any more. Its tasks that wait are cancelled at once; the handlers of those that run are asked to stop. ' +
    'Exits with 1 if a broadcast was over already, or is not there.',
  examples: [['drover broadcasts cancel 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B --reason "wrong cache"', 'one broadcast']],
  run: async (environment) => {
    const { args, json, stdout, stderr } = environment;
    const asked = askedOf(args);
    return withClient(environment, async (drover) => {
      const replies = await drover.broadcasts.cancel(listArg(args, 'id'), asked);
      for (const reply of replies)
        if (json) await stdout.json(reply);
        else if (reply.ok) await stdout.line(`broadcast ${reply.id} cancelled`);
        else await stderr.line(`drover: ${reply.message ?? `broadcast ${reply.id} was not cancelled`}`);
      return replies.every(({ ok }) => ok) ? EXIT.DONE : EXIT.FAILED;
    });
  },
};
