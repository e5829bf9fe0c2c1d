import type { Role, TokenOptions } from '@drover/client';
import { ROLES } from '@drover/core';
import { askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { expiryOf } from './view.js';

const text = { type: 'string', requiresArg: true } as const;

export const command: Command = {
  options: {
    name: { ...text, demandOption: true, describe: 'Person or program that gets it' },
    role: { ...text, demandOption: true, describe: `What it may do: some of ${ROLES.join(', ')}, with commas` },
    queues: {
      ...text,
      describe: "Queues that it may see and change, with commas; 'images*' is all that begin so",
      defaultDescription: 'all',
    },
    expires: { ...text, describe: 'How long it is good, e.g. 90d', defaultDescription: 'it does not expire' },
    by: { ...text, describe: 'Name of the person who makes it', defaultDescription: 'user@host' },
    ...CLIENT_OPTIONS,
  },
  details:
    'Makes a token of the HTTP API and prints it, this once: Drover keeps its hash only. By ZooKeeper it needs no token, so it ' +
    'makes the first one; by --api it needs the role admin. Every scheduler takes it within a second.',
  examples: [
    ['drover token create --name ada --role admin', 'the first token of a cluster'],
    ['drover token create --name ci --role submitter,viewer --queues builds --expires 90d', 'for a program'],
    ['drover token create --name grafana --role metrics --json | jq -r .secret > token', 'the secret alone'],
  ],
  run: async (environment) => {
    // Bad input is told before anything is connected.
    const options = optionsOf(environment.args);
    return withClient(environment, async (drover) => {
      const { json, stdout, stderr, colors, runtime } = environment;
      const token = await drover.tokens.create(options);
      if (json) await stdout.json(token);
      else {
        await stdout.line(token.secret);
        const expires = expiryOf(token.expiresAt, runtime.now());
        stderr.note(
          colors.dim(
            `token ${token.id} for ${token.name}: ${token.roles.join(', ')}; expires: ${expires}. Keep it, it is not shown again.`,
          ),
        );
      }
      return EXIT.DONE;
    });
  },
};

function optionsOf(args: Environment['args']): TokenOptions {
  const [queues, expiresIn] = [textArg(args, 'queues'), textArg(args, 'expires')];
  const { by } = askedOf(args);
  return {
    name: textArg(args, 'name') ?? '',
    roles: splitList(textArg(args, 'role') ?? '').map(roleOf),
    ...(queues === undefined ? {} : { queues: splitList(queues) }),
    ...(expiresIn === undefined ? {} : { expiresIn: expiresIn as NonNullable<TokenOptions['expiresIn']> }),
    ...(by === undefined ? {} : { by }),
  };
}

const splitList = (given: string): string[] =>
  given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function roleOf(given: string): Role {
  const found = ROLES.find((role) => role === given);
  if (found !== undefined) return found;
  throw new UsageError(`--role: expected some of ${ROLES.join(', ')}, got "${given}"`);
}
