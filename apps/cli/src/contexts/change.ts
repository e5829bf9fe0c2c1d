import { resolve } from 'node:path';
import { checkContext, CONTEXT_FIELDS, GUARDS, type ContextSettings } from '@drover/config';
import { parseName, toFlag } from '@drover/core';
import type { Options } from 'yargs';
import { listArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { loadContexts, mustHave, saveContexts } from './store.js';

const NAME = { name: { type: 'string', describe: 'Name of the context' } } as const;
const JSON_OPTION = { json: CLIENT_OPTIONS.json ?? {} };
const SETTINGS = [...Object.keys(CONTEXT_FIELDS), ...Object.keys(GUARDS)];

const SETTING_OPTIONS: Record<string, Options> = {
  ...Object.fromEntries(
    Object.entries(CONTEXT_FIELDS).map(([name, { type, describe }]) => [
      toFlag(name),
      { type, describe, ...(type === 'string' ? { requiresArg: true } : {}) },
    ]),
  ),
  confirm: {
    type: 'string',
    requiresArg: true,
    choices: GUARDS.confirm,
    describe: 'type-name: what needs a confirmation wants the name of the context typed',
  },
  colour: { type: 'string', requiresArg: true, choices: GUARDS.colour, describe: 'Colour of its name in questions' },
};

export const set: Command = {
  positionals: NAME,
  options: {
    ...SETTING_OPTIONS,
    clear: { type: 'array', string: true, requiresArg: true, describe: 'Remove a setting, by the name of its flag' },
    ...JSON_OPTION,
  },
  details: `Creates a context, or changes what is given of one. The first context becomes the current one. A token is never stored: give the
path of a file that only you can read, or a command that prints it.`,
  examples: [
    [
      'drover context set prod --api https://drover.internal:7373 --token-file ~/.config/drover/prod.token',
      'by the API',
    ],
    [
      'drover context set prod --confirm type-name --colour red',
      'its name is to be typed before anything is cancelled',
    ],
    ['drover context set dev --zk 127.0.0.1:2181', 'by ZooKeeper'],
  ],
  run: async (environment) => {
    const { args, env, json, stdout } = environment;
    const name = parseName('name', textArg(args, 'name'));
    const stored = loadContexts({ env });
    const before: ContextSettings = stored.contexts[name] ?? {};
    const settings = changed(before, args);
    if (settings.api === undefined && settings.zk === undefined)
      throw new UsageError(`context '${name}' needs --api URL or --zk HOST:PORT`);
    checkContext(settings, `context '${name}'`);
    const isNew = !Object.hasOwn(stored.contexts, name);
    const current = stored.current ?? (isNew ? name : undefined);
    saveContexts({
      ...stored,
      ...(current === undefined ? {} : { current }),
      contexts: { ...stored.contexts, [name]: settings },
    });
    if (json) await stdout.json({ name, current: name === current, ...settings });
    else
      await stdout.line(
        `context ${name} ${isNew ? 'created' : 'changed'}${isNew && name === current ? ', and current' : ''}`,
      );
    return EXIT.DONE;
  },
};

/** Throws `UsageError`. */
function changed(before: ContextSettings, args: Environment['args']): ContextSettings {
  const cleared = listArg(args, 'clear').map((flag) => {
    const found = SETTINGS.find((name) => toFlag(name) === flag.replace(/^--/, ''));
    if (found === undefined) throw new UsageError(`--clear: unknown setting '${flag}'`);
    return found;
  });
  const kept = Object.entries(before).filter(([name]) => !cleared.includes(name));
  const given = SETTINGS.flatMap((name): [string, unknown][] => {
    const value = args[name];
    if (value === undefined) return [];
    return [[name, name.endsWith('File') ? resolve(textArg(args, name) ?? '') : value]];
  });
  if (given.length === 0 && cleared.length === 0)
    throw new UsageError('nothing to change: give --api, --zk, --token-file or another setting');
  return Object.fromEntries([...kept, ...given]);
}

export const use: Command = {
  positionals: NAME,
  options: JSON_OPTION,
  details: 'Commands use it from now on; --context and DROVER_CONTEXT go before it.',
  examples: [['drover context use prod', 'commands go to prod from now on']],
  run: async ({ args, env, json, stdout }) => {
    const name = textArg(args, 'name') ?? '';
    const stored = loadContexts({ env });
    mustHave(stored, name);
    saveContexts({ ...stored, current: name });
    if (json) await stdout.json({ name, current: true });
    else await stdout.line(`context ${name} is current`);
    return EXIT.DONE;
  },
};

export const rm: Command = {
  positionals: NAME,
  options: JSON_OPTION,
  examples: [['drover context rm old', 'its settings are gone; files of tokens stay']],
  run: async ({ args, env, json, stdout }) => {
    const name = textArg(args, 'name') ?? '';
    const { contexts, current, path } = loadContexts({ env });
    mustHave({ contexts, path }, name);
    const { [name]: _, ...others } = contexts;
    saveContexts({ path, contexts: others, ...(current === undefined || current === name ? {} : { current }) });
    if (json) await stdout.json({ name, removed: true });
    else await stdout.line(`context ${name} removed${current === name ? '; no context is current now' : ''}`);
    return EXIT.DONE;
  },
};
