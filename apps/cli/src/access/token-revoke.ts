import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';

export const command: Command = {
  positionals: { id: { type: 'string', describe: "Id of the token, from 'drover token ls'" } },
  options: CLIENT_OPTIONS,
  details: 'Every scheduler refuses it within a second, and ends streams and browser sessions that came with it.',
  examples: [['drover token revoke 4k9x2m7q1b', 'the id is the middle part of the token']],
  run: async (environment) =>
    withClient(environment, async (drover) => {
      const { args, json, stdout } = environment;
      const id = textArg(args, 'id') ?? '';
      const token = await drover.tokens.revoke(id);
      const whose = token === null ? '' : ` of ${token.name}`;
      if (json) await stdout.json({ id, revoked: true });
      else await stdout.line(`token ${id}${whose} is revoked`);
      return EXIT.DONE;
    }),
};
