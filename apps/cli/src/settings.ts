import { chooseContext, contextsPath, readContexts, type ChosenContext, type Sources } from '@drover/config';
import { textArg, type Environment } from './command.js';

type Given = Pick<Environment, 'args' | 'env'>;

/** The sources of the settings of a process that runs: a context is for people, and none of them. */
export function settingsOf({ args, env }: Given): Sources {
  const file = textArg(args, 'config');
  return { flags: args, env, ...(file === undefined ? {} : { file }) };
}

/** The sources of the settings of a command that looks or asks. Throws `ConfigError`. */
export function clientSettingsOf(given: Given): Sources {
  return { ...settingsOf(given), context: contextOf(given) ?? undefined };
}

/** The context that was named, or the current one; `null`: there is none. Throws `ConfigError`. */
export function contextOf({ args, env }: Given): ChosenContext | null {
  const flag = textArg(args, 'context');
  const named = flag ?? (env.DROVER_CONTEXT === '' ? undefined : env.DROVER_CONTEXT);
  const path = contextsPath(env);
  return chooseContext(readContexts(path), named, flag === undefined ? 'DROVER_CONTEXT' : '--context', path);
}
