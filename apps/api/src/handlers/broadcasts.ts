import { schemas, type Questions } from '@drover/api';
import type { StartBroadcastOptions } from '@drover/client';
import { parseBroadcast } from '@drover/core';
import { BroadcastNotFoundError, type BroadcastView } from '@drover/inspect';
import { scopeOf, sees } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import { askedBy, mustSee, mustShareNoKey, param, queuesIn, statesIn } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';
import { replayOf, startedOnce } from './request-of.js';

/** Broadcasts. Each belongs to the queue of its tasks: a caller learns nothing of those of queues that it may not see. */
export const broadcastHandlers: Handlers = {
  listBroadcasts,
  getBroadcast: async (asked, context) => {
    const { workers: _workers, ...shown } = await seen(asked, context);
    return { status: 200, json: context.access.shownTask(shown, asked.caller) };
  },
  listBroadcastWorkers: listWorkers,
  startBroadcast,
  cancelBroadcast: async (asked, context) => {
    const { id } = await seen(asked, context);
    const [reply] = await context.drover.broadcasts.cancel([id], askedBy(asked));
    const { ok = false, state, message = `broadcast ${id} was not cancelled` } = reply ?? {};
    if (ok) return { status: 200, json: { id, ok, ...(state !== undefined && { state }) } };
    if (state === 'unknown') throw new BroadcastNotFoundError(id);
    throw new ApiError('conflict', message, state === undefined ? {} : { state });
  },
};

async function listBroadcasts(asked: Asked, context: ApiContext): Promise<Answer> {
  const { query, caller } = asked;
  const {
    type = null,
    state,
    queue,
    limit,
    cursor,
  } = query as { type?: string; limit: number } & Record<string, string>;
  const list = ['broadcasts', type, state ?? null, queue ?? null, scopeOf(caller)];
  const place = readCursor(cursor, list)?.[0] ?? null;
  const ask: Questions['broadcasts']['ask'] = {
    ...{ type, states: statesIn(asked, schemas.BROADCAST_STATES), queues: queuesIn(asked) },
    ...{ limit, after: typeof place === 'string' ? place : null },
  };
  const { broadcasts, next } = await context.askLeader('broadcasts', ask);
  const json = {
    ...{ items: broadcasts, next: next === null ? null : cursorOf(list, [next]) },
    complete: next === null || broadcasts.length === limit,
    revision: context.live.revisionFor(caller),
  };
  return { status: 200, json };
}

/** One that the caller may not see is not there. Throws `BroadcastNotFoundError`. */
async function seen(asked: Asked, { drover, stored }: ApiContext): Promise<BroadcastView> {
  const id = param(asked, 'id');
  const view = await stored(drover.broadcasts.get(id));
  if (!sees(asked.caller, view.queue)) throw new BroadcastNotFoundError(id);
  return view;
}

/** By their names, which stay as they are while others join. */
async function listWorkers(asked: Asked, context: ApiContext): Promise<Answer> {
  const { limit, cursor } = asked.query as { limit: number; cursor?: string };
  const list = ['broadcast-workers', param(asked, 'id')];
  const after = readCursor(cursor, list)?.[0] ?? '';
  const { workers } = await seen(asked, context);
  const rest = workers.filter(({ worker }) => worker > String(after));
  const items = rest.slice(0, limit);
  const next = rest.length <= limit ? null : cursorOf(list, [items.at(-1)?.worker ?? '']);
  const shown = items.map((item) => context.access.shownTask(item, asked.caller));
  return { status: 200, json: { items: shown, next, revision: null, complete: true, total: workers.length } };
}

/** Started under a key of the request it is started once, however often the request is repeated. */
async function startBroadcast(asked: Asked, context: ApiContext): Promise<Answer> {
  const { type, payload, ...options } = asked.body as { type: string; payload?: unknown } & StartBroadcastOptions;
  const { by: _by, reason: _reason, ...spec } = options;
  const { queue } = parseBroadcast(type, spec, ['id']);
  mustSee(asked.caller, queue);
  mustShareNoKey(asked.caller, spec.key, 'the key of a broadcast');
  const broadcast = await startedOnce(asked, context, (once) =>
    context.drover.broadcast(type, payload, { ...spec, ...askedBy(asked), ...once }),
  );
  const { id, replayed } = broadcast;
  return { status: replayed ? 200 : 201, json: { id, type }, headers: replayOf(replayed), audit: { object: id } };
}
