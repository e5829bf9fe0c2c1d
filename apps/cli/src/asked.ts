import { hostname, userInfo } from 'node:os';
import type { AskOptions } from '@drover/client';
import { checkAsked } from '@drover/core';
import type { Options } from 'yargs';
import { textArg, type Environment } from './command.js';

const LONGEST = 128;

/** Options of commands that change something. */
export const ASKED_OPTIONS: Record<string, Options> = {
  reason: { type: 'string', requiresArg: true, describe: 'Reason, shown with the change' },
  by: { type: 'string', requiresArg: true, describe: 'Name of the requester', defaultDescription: 'user@host' },
};

/** Throws `InvalidArgumentError`. */
export function askedOf(args: Environment['args']): AskOptions {
  const reason = textArg(args, 'reason');
  const asked = { by: textArg(args, 'by') ?? userAtHost(), ...(reason === undefined ? {} : { reason }) };
  checkAsked(asked);
  return asked;
}

function userAtHost(): string {
  return `${userName()}@${hostname()}`.slice(0, LONGEST);
}

/** The name of the user; in a container the user id may have none. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
