import type { LimitOptions, LimitSummary, LimitView } from '@drover/client';
import type { Duration } from '@drover/core';
import type { Caller } from '../access/caller.js';
import { askedBy, flag, mustSeeAll, param } from './asked.js';
import { pageOf } from './definitions.js';
import type { Handlers } from './handler.js';

/** Limits. They are of no queue, so callers who are limited to some queues may look at them and change none. */
export const limitHandlers: Handlers = {
  listLimits: async (asked, context) => {
    const { value } = await context.stored(context.members.limits());
    return pageOf(
      value.map((limit) => limitFor(limit, asked.caller)),
      asked,
    );
  },
  getLimit: async (asked, { drover }) => ({
    status: 200,
    json: limitFor(await drover.limits.get(param(asked, 'name')), asked.caller),
  }),
  putLimit: async (asked, { drover }) => {
    const name = param(asked, 'name');
    mustSeeAll(asked.caller, `the limit '${name}'`);
    const { spec, ifRevision } = asked.body as { spec: LimitOptions; ifRevision?: number };
    const options = { ...askedBy(asked), ...(ifRevision === undefined ? {} : { ifRevision }) };
    return { status: 200, json: await drover.limits.set(name, spec, options) };
  },
  deleteLimit: async (asked, { drover }) => {
    const name = param(asked, 'name');
    mustSeeAll(asked.caller, `the limit '${name}'`);
    const { ifRevision } = asked.query as { ifRevision?: number };
    const options = {
      ...askedBy(asked),
      force: flag(asked, 'force'),
      ...(ifRevision === undefined ? {} : { ifRevision }),
    };
    await drover.limits.remove(name, options);
    return { status: 200, json: { name } };
  },
  holdLimit: async (asked, { drover }) => {
    const name = param(asked, 'name');
    mustSeeAll(asked.caller, `the limit '${name}'`);
    const { key, for: duration } = asked.body as { key?: string; for: Duration };
    await drover.limits.hold(key === undefined ? name : `${name}/${key}`, duration, askedBy(asked));
    return { status: 200, json: await drover.limits.get(name) };
  },
};

/** Keys and counts are of tasks of all queues: who may not see all of them is told what is declared. */
function limitFor(limit: LimitView | LimitSummary, { queues }: Caller): LimitView | LimitSummary {
  if (queues === null) return limit;
  const { name, revision, spec, changedBy, holds } = limit;
  const { '': whole } = holds;
  return { name, revision, spec, changedBy, holds: whole === undefined ? {} : { '': whole } };
}
