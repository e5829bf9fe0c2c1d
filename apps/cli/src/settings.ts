import type { Sources } from '@drover/config';
import { textArg, type Environment } from './command.js';

/** The sources of a command's settings. */
export function settingsOf({ args, env }: Pick<Environment, 'args' | 'env'>): Sources {
  const file = textArg(args, 'config');
  return { flags: args, env, ...(file === undefined ? {} : { file }) };
}
