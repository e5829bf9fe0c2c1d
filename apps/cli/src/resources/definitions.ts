import type { Defined, Drover } from '@drover/client';
import { definitionOf, type DefinitionKind } from '@drover/core';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, numberArg } from '../schedules/options.js';
import { definitionsOf } from './set-definition.js';
import { showDefinitions } from './view.js';

/** `account ls`, `pool ls` and `resource ls`. */
export const ls = (kind: DefinitionKind): Command => ({
  options: CLIENT_OPTIONS,
  details: USED_BY[kind],
  examples: [
    [`drover ${kind} ls`, 'by name'],
    [`drover ${kind} ls --json`, 'one document a line'],
  ],
  run: (environment) =>
    withClient(environment, async (drover, via) => {
      const { json, stdout, colors, runtime } = environment;
      const all = (await definitionsOf(drover, kind).list()) as Defined<object>[];
      if (json) for (const each of all) await stdout.json({ ...each, via });
      else if (all.length === 0) await stdout.line(colors.dim(`no ${kind}s`));
      else {
        const width = stdout.isTerminal ? stdout.columns : Infinity;
        await stdout.line(showDefinitions(kind, all, { now: runtime.now(), colors, width }));
      }
      return EXIT.DONE;
    }),
});

const USED_BY: Readonly<Record<DefinitionKind, string>> = {
  account: 'drover accounts shows the resources that their tasks hold.',
  pool: 'drover capacity shows their workers, and how much of each resource is free.',
  resource: 'drover capacity shows how much of them tasks hold.',
};

/** `account rm`, `pool rm` and `resource rm`. */
export const rm = (kind: DefinitionKind): Command => ({
  positionals: { name: { type: 'string', describe: `Name of the ${kind}` } },
  options: {
    force: { type: 'boolean', describe: WITH_FORCE[kind] },
    'if-revision': { type: 'string', requiresArg: true, describe: 'Only if it is at this revision' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  examples: [[`drover ${kind} rm ${EXAMPLE[kind]}`, 'refused while it is in use']],
  run: async (environment) => {
    const { args, json, stdout } = environment;
    const name = definitionOf(kind).parseName('name', textArg(args, 'name') ?? '');
    const options = {
      ...askedOf(args),
      force: flagArg(args, 'force'),
      ...given('ifRevision', numberArg(args, 'ifRevision')),
    };
    return withClient(environment, async (drover: Drover) => {
      await definitionsOf(drover, kind).remove(name, options);
      if (json) await stdout.json({ name, removed: true });
      else await stdout.line(`${kind} ${name} removed`);
      return EXIT.DONE;
    });
  },
});

const WITH_FORCE: Readonly<Record<DefinitionKind, string>> = {
  account: 'Also if its tasks wait or run: its queues go on with weight 1, without guarantee and limit',
  pool: 'Also if workers are in it: they stay, and the pool is for anybody',
  resource: 'Also if tasks hold it: nothing that needs it starts any more',
};
const EXAMPLE: Readonly<Record<DefinitionKind, string>> = {
  account: 'search',
  pool: 'batch',
  resource: 'licence.matlab',
};
