import type { Definitions, Drover } from '@drover/client';
import { definitionOf, type DefinitionKind, type DefinitionOptions, type DefinitionViews } from '@drover/core';
import type { Caller } from '../access/caller.js';
import type { Account } from '../members.js';
import { askedBy, flag, mustSeeAll, param } from './asked.js';
import { pageOf } from './definitions.js';
import type { Asked, Handlers } from './handler.js';

/**
 * Accounts, pools and floating resources. They are of no queue, so callers who are limited to some queues may look at what is
 * defined, and change nothing.
 */
export const resourceHandlers: Handlers = {
  ...definitionHandlers('account', ({ accounts }) => accounts),
  ...definitionHandlers('pool', ({ pools }) => pools),
  ...definitionHandlers('resource', ({ resources }) => resources),
  listAccounts: async (asked, context) => {
    const { value } = await context.stored(context.members.accounts());
    // Names of accounts that nobody has defined are settings of queues.
    const seen = asked.caller.queues === null ? value : value.filter(({ defined }) => defined !== null);
    const { json, ...answer } = pageOf(seen, asked);
    const page = json as { items: readonly Account[] };
    return { ...answer, json: { ...page, items: page.items.map((account) => accountFor(account, asked.caller)) } };
  },
  getCapacity: async (asked, { drover, members }) => {
    mustSeeAll(asked.caller, 'what there is of resources');
    const { pool } = asked.query as { pool?: string };
    return {
      status: 200,
      json: pool === undefined ? (await members.capacity()).value : await drover.capacity({ pool }),
    };
  },
};

function definitionHandlers<Kind extends DefinitionKind>(
  kind: Kind,
  of: (drover: Drover) => Definitions<DefinitionOptions[Kind], DefinitionViews[Kind]>,
): Handlers {
  const Name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  const set = async (asked: Asked, drover: Drover, replace: boolean): Promise<{ status: number; json: unknown }> => {
    mustSeeAll(asked.caller, `the ${kind} '${param(asked, 'name')}'`);
    const { spec, ifRevision } = asked.body as { spec: DefinitionOptions[Kind]; ifRevision?: number };
    const options = { ...askedBy(asked), replace, ...(ifRevision === undefined ? {} : { ifRevision }) };
    return { status: 200, json: await of(drover).set(param(asked, 'name'), spec, options) };
  };
  return {
    [`list${Name}s`]: async (asked, { drover, stored }) => pageOf(await stored(of(drover).list()), asked),
    [`get${Name}`]: async (asked, { drover, stored }) => ({
      status: 200,
      json: await stored(of(drover).get(param(asked, 'name'))),
    }),
    [`put${Name}`]: (asked, { drover }) => set(asked, drover, true),
    [`change${Name}`]: (asked, { drover }) => set(asked, drover, false),
    [`delete${Name}`]: async (asked, { drover }) => {
      const name = param(asked, 'name');
      mustSeeAll(asked.caller, `the ${kind} '${name}'`);
      const { ifRevision } = asked.query as { ifRevision?: number };
      const options = { force: flag(asked, 'force'), ...(ifRevision === undefined ? {} : { ifRevision }) };
      await of(drover).remove(name, { ...askedBy(asked), ...options });
      return { status: 200, json: { name } };
    },
  };
}

/** Holdings of an account are of tasks of all its queues: a caller who may not see all of them is told what is defined. */
function accountFor({ name, defined, use }: Account, { queues }: Caller): object {
  const spec = defined?.spec ?? null;
  const { weight, guarantee, limit } = spec ?? definitionOf('account').standard;
  const shown = queues === null ? use : null;
  return {
    ...{ account: name, revision: defined?.revision ?? 0, spec, changedBy: defined?.changedBy ?? null },
    ...{ weight, guarantee, limit },
    ...{ share: shown?.share ?? null, held: shown?.held ?? null, pending: shown?.pending ?? null },
  };
}
