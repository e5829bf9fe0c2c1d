import type { schemas } from '@drover/api';
import type { QueueView } from '@drover/client';
import { DEFAULT_QUEUE_SETTINGS } from '@drover/core';
import type * as z from 'zod';
import { sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import { polled } from '../server/polling.js';
import type { Handlers } from './handler.js';
import { nearestOf } from './nearest-of.js';
import { workerFor } from './status-for.js';

type QueueDocument = z.input<typeof schemas.queueWithLive>;

export const memberHandlers: Handlers = {
  listQueues: (asked, context) =>
    polled(asked, context, async () => {
      const queues = await queueDocuments(context, asked.caller);
      return {
        status: 200,
        json: page(asked.query, ['queues'], queues, ({ name }) => name, context.live.revisionFor(asked.caller)),
      };
    }),
  getQueue: (asked, context) =>
    polled(asked, context, async () => {
      const name = asked.params.name ?? '';
      return { status: 200, json: await queueDocument(context, name, asked.caller) };
    }),
  listWorkers: (asked, context) =>
    polled(asked, context, async () => {
      const { value } = await context.stored(context.members.workers());
      const workers = value.map((worker) => workerFor(worker, asked.caller));
      return {
        status: 200,
        json: page(asked.query, ['workers'], workers, ({ id }) => id, context.live.revisionFor(asked.caller)),
      };
    }),
  getWorker: async ({ params, caller }, context) => {
    const wanted = params.name ?? '';
    const { value } = await context.stored(context.members.workers());
    // The newest incarnation of a name is the one that is meant.
    const found = value
      .filter(({ id, name }) => id === wanted || name === wanted)
      .sort((a, b) => b.startedAt - a.startedAt)[0];
    if (found !== undefined) return { status: 200, json: workerFor(found, caller) };
    const near = nearestOf(
      wanted,
      value.map(({ name }) => name),
    );
    throw new ApiError('worker-not-found', `no worker is called ${JSON.stringify(wanted)}${near}`);
  },
  listSchedulers: async ({ caller }, context) => {
    const { value } = await context.stored(context.members.schedulers());
    const leads = context.leader.current;
    const items = value.map((scheduler) =>
      leads === null
        ? scheduler
        : { ...scheduler, role: scheduler.id === leads.id ? ('leader' as const) : ('follower' as const) },
    );
    return { status: 200, json: { items, next: null, revision: context.live.revisionFor(caller), complete: true } };
  },
};

/** Queues that have settings or tasks, by name, with what the leader knows of them. */
export async function queueDocuments(context: ApiContext, caller: Caller, fresh = false): Promise<QueueDocument[]> {
  const { value } = await context.stored(context.members.queues({ fresh }));
  const views = new Map(value.map((queue) => [queue.name, queue]));
  if (isHeard(context))
    for (const { name, ...live } of context.live.queues())
      if (!views.has(name) && live.scheduled + live.pending + live.out + live.retrying > 0)
        views.set(name, unset(name, live.settings));
  return [...views.values()]
    .filter(({ name }) => sees(caller, name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((view) => withLive(view, context));
}

/**
 * One queue. `fresh`: with settings that are read now, after a command that changed them. Throws `ApiError` `queue-not-found`
 * for one that has neither settings nor tasks, unless `fresh`: then it has the default settings.
 */
export async function queueDocument(
  context: ApiContext,
  name: string,
  caller: Caller,
  fresh = false,
): Promise<QueueDocument> {
  const all = await queueDocuments(context, caller, fresh);
  const found = all.find((queue) => queue.name === name);
  if (found !== undefined) return found;
  if (fresh && sees(caller, name)) return withLive(unset(name, DEFAULT_QUEUE_SETTINGS), context);
  const near = nearestOf(
    name,
    all.map((queue) => queue.name),
  );
  throw new ApiError('queue-not-found', `no queue ${JSON.stringify(name)} has settings or tasks${near}`);
}

const unset = (name: string, settings: QueueView | typeof DEFAULT_QUEUE_SETTINGS): QueueView => ({
  ...settings,
  name,
  pending: 0,
  out: 0,
});

const isHeard = ({ leader, live }: ApiContext): boolean =>
  leader.current !== null && live.epoch === leader.current.epoch;

function withLive(view: QueueView, context: ApiContext): QueueDocument {
  const { live, runtime } = context;
  const known = isHeard(context) ? live.queue(view.name) : null;
  const changes = {
    ...(view.pausedBy === undefined ? {} : { pausedBy: view.pausedBy }),
    ...(view.changedBy === undefined ? {} : { changedBy: view.changedBy }),
  };
  if (known === null) return { ...view, ...changes };
  const { scheduled, pending, out, retrying, oldestDueAt, servedBy, unservedTypes } = known;
  return {
    ...view,
    ...changes,
    ...{ pending, out },
    live: {
      ...{ scheduled, retrying, servedBy },
      oldestPendingMs: oldestDueAt === null ? null : Math.max(0, runtime.now() - oldestDueAt),
      rates: live.rates(view.name),
      unservedTypes: [...unservedTypes],
    },
  };
}

/** A page of what is known as a whole, in the order of its keys. */
function page<T>(
  query: Readonly<Record<string, unknown>>,
  list: readonly unknown[],
  items: readonly T[],
  keyOf: (item: T) => string,
  revision: string | null,
): Record<string, unknown> {
  const { limit, cursor } = query as { limit: number; cursor?: string };
  const after = readCursor(cursor, list)?.[0];
  const begin = typeof after === 'string' ? items.findIndex((item) => keyOf(item) > after) : 0;
  const shown = begin < 0 ? [] : items.slice(begin, begin + limit);
  const last = shown.at(-1);
  const hasMore = begin >= 0 && begin + limit < items.length;
  return {
    items: shown,
    next: hasMore && last !== undefined ? cursorOf(list, [keyOf(last)]) : null,
    revision,
    complete: true,
    total: items.length,
  };
}
