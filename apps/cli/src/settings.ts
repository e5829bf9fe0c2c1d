import type { Sources } from '@drover/config';
import { textArg, type Environment } from './command.js';

/** Where a command's settings come from. */
export function settingsOf({ args, env }: Pick<Environment, 'args' | 'env'>): Sources {
  const file = textArg(args, 'config');
  return { flags: args, env, ...(file === undefined ? {} : { file }) };
}
