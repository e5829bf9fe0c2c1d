import { withClient } from '../client.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showTokens } from './view.js';

export const command: Command = {
  options: CLIENT_OPTIONS,
  details: 'Tokens of --api-tokens-file are not listed: they are in that file.',
  examples: [
    ['drover token ls', 'tokens, without their secrets'],
    ['drover token ls --json', 'one document a line'],
  ],
  run: (environment) =>
    withClient(environment, async (drover) => {
      const { json, stdout, colors, runtime } = environment;
      const tokens = await drover.tokens.list();
      if (json) for (const token of tokens) await stdout.json(token);
      else if (tokens.length === 0) await stdout.line(colors.dim('no tokens'));
      else await stdout.line(showTokens(tokens, runtime.now(), colors, stdout.isTerminal ? stdout.columns : Infinity));
      return EXIT.DONE;
    }),
};
