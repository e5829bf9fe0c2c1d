import type { Drover } from '@drover/client';
import { definitionOf, type DefinitionKind, type DefinitionOptions } from '@drover/core';
import type { Options } from 'yargs';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, numberArg } from '../schedules/options.js';
import { withFlags } from '../with-flags.js';

export const text = { type: 'string', requiresArg: true } as const satisfies Options;

/** Options of `account set`, `pool set` and `resource set`, beside their own. */
export const SET_OPTIONS: Record<string, Options> = {
  'if-revision': { ...text, describe: 'Only if it is at this revision; 0: only if there is none' },
  ...ASKED_OPTIONS,
  ...CLIENT_OPTIONS,
};

const OF: { readonly [Kind in DefinitionKind]: (drover: Drover) => Setter<Kind> } = {
  account: ({ accounts }) => accounts,
  pool: ({ pools }) => pools,
  resource: ({ resources }) => resources,
};
type Setter<Kind extends DefinitionKind> = Pick<Drover[`${Kind}s`], 'set' | 'list' | 'remove'>;
export const definitionsOf = <Kind extends DefinitionKind>(drover: Drover, kind: Kind): Setter<Kind> =>
  OF[kind](drover);

/** Sets what `spec` names. Bad input is told before anything is connected. */
export async function setDefinition<Kind extends DefinitionKind>(
  environment: Environment,
  kind: Kind,
  spec: () => DefinitionOptions[Kind],
): Promise<number> {
  const { args, json, stdout, stderr } = environment;
  const { parse, parseName } = definitionOf(kind);
  const name = parseName('name', textArg(args, 'name') ?? '');
  const change = withFlags(() => {
    const change = spec();
    parse('', change);
    return change;
  });
  const ifRevision = numberArg(args, 'ifRevision');
  const options = { ...askedOf(args), ...given('ifRevision', ifRevision) };
  return withClient(environment, async (drover) => {
    const definitions = definitionsOf(drover, kind) as Setter<'resource'>;
    const reply = await definitions.set(name, change as DefinitionOptions['resource'], options);
    for (const warning of reply.warnings) stderr.note(`drover: warning: ${warning}`);
    if (json) await stdout.json(reply);
    else await stdout.line(`${kind} ${reply.name} ${reply.change} (revision ${reply.revision})`);
    return EXIT.DONE;
  });
}

/** The value of an option; null for `none`; absent: it was not given. */
export const orNone = (args: Environment['args'], name: string): string | null | undefined => {
  const value = textArg(args, name);
  return value === 'none' ? null : value;
};
