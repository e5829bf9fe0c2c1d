import { effectiveSettings } from '@drover/config';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { clientSettingsOf, contextOf } from '../settings.js';
import { renderFields, renderTable } from '../views/table.js';
import { loadContexts, mustHave } from './store.js';

const JSON_OPTION = { json: CLIENT_OPTIONS.json ?? {} };

export const ls: Command = {
  options: JSON_OPTION,
  examples: [['drover context ls', 'all contexts; * is the current one']],
  run: async ({ env, json, stdout, colors }) => {
    const { contexts, current, path } = loadContexts({ env });
    const entries = Object.entries(contexts);
    if (json)
      for (const [name, settings] of entries) await stdout.json({ name, current: name === current, ...settings });
    else if (entries.length === 0)
      await stdout.line(colors.dim(`no contexts in ${path}: 'drover context set NAME --api URL' makes one`));
    else {
      const rows = entries.map(([name, { api, zk, via, confirm }]) => [
        name === current ? '*' : '',
        name,
        textOf(api),
        textOf(zk),
        textOf(via),
        textOf(confirm),
      ]);
      const columns = [
        { head: '' },
        { head: 'context', paint: colors.bold },
        { head: 'api', optional: true },
        { head: 'zk', optional: true },
        { head: 'via', optional: true },
        { head: 'confirm', optional: true },
      ];
      await stdout.line(renderTable(columns, rows, colors, stdout.isTerminal ? stdout.columns : Infinity));
    }
    return EXIT.DONE;
  },
};

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '-' : JSON.stringify(value);

export const current: Command = {
  options: JSON_OPTION,
  details: 'Heeds DROVER_CONTEXT. Exits with 1 where there is none.',
  examples: [['drover context current', 'its name alone']],
  run: async (environment) => {
    const { json, stdout, stderr } = environment;
    const chosen = contextOf(environment);
    if (chosen === null) {
      await stderr.line('there is no current context');
      return EXIT.FAILED;
    }
    if (json) await stdout.json({ name: chosen.name });
    else await stdout.line(chosen.name);
    return EXIT.DONE;
  },
};

export const show: Command = {
  positionals: { name: { type: 'string', defaultDescription: 'the current one', describe: 'Name of the context' } },
  options: {
    effective: { type: 'boolean', describe: 'All settings of commands, and where the value of each comes from' },
    ...CLIENT_OPTIONS,
  },
  details: 'Secrets are not in contexts: the paths of files and the commands that print them are.',
  examples: [
    ['drover context show prod', 'what it sets'],
    [
      'drover context show --effective',
      'flag, environment, settings file, context or default: where each value comes from',
    ],
  ],
  run: async (environment) => {
    const { args, env, json, stdout, colors } = environment;
    const given = textArg(args, 'name');
    if (flagArg(args, 'effective')) return showEffective(environment, given);
    const stored = loadContexts({ env });
    const name = given ?? contextOf(environment)?.name;
    if (name === undefined) throw new UsageError("there is no current context: 'drover context use NAME' chooses one");
    mustHave(stored, name);
    const settings = stored.contexts[name] ?? {};
    if (json) await stdout.json({ name, current: name === stored.current, ...settings });
    else {
      const fields = Object.entries(settings).map(([field, value]): [string, string] => [
        field,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      await stdout.line(renderFields([['context', colors.bold(name)], ...fields, ['file', stored.path]], colors));
    }
    return EXIT.DONE;
  },
};

async function showEffective(environment: Environment, name: string | undefined): Promise<number> {
  const { args, env, json, stdout, colors } = environment;
  const settings = effectiveSettings(
    clientSettingsOf({ env, args: name === undefined ? args : { ...args, context: name } }),
  );
  if (json) for (const setting of settings) await stdout.json(setting);
  else {
    const rows = settings.map(({ name: field, value, source }) => [field, textOf(value), source]);
    const columns = [
      { head: 'setting', paint: colors.bold },
      { head: 'value', least: 20 },
      { head: 'from', least: 20 },
    ];
    await stdout.line(renderTable(columns, rows, colors, stdout.isTerminal ? stdout.columns : Infinity));
  }
  return EXIT.DONE;
}
