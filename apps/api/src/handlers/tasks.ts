import type { TasksAnswer } from '@drover/api';
import { FilterError, parseFilter, parseTaskId, type Filter } from '@drover/core';
import type { TaskView } from '@drover/client';
import { scoped, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import { untilChanged } from '../server/waits.js';
import { waitMsOf } from '../server/polling.js';
import type { Asked, Handlers } from './handler.js';
import { batchOf } from './batch-of.js';
import { taskOf, tasksById, withoutHiddenLinks } from './task-of.js';
import { whyOf } from './why.js';

/** Of pages with what only the znodes know. */
const FULL_LIMIT = 100;
/** The time for one page; what is not found by then is said, and the caller goes on. */
const PAGE_MS = 20;
const COUNT_MS = 200;

export const taskHandlers: Handlers = {
  listTasks: async ({ query, caller }, context) => {
    const { q, limit, order, view } = query as unknown as ListQuery;
    if (view === 'full' && limit > FULL_LIMIT)
      throw new ApiError(
        'invalid-argument',
        `limit: expected a number of at most ${FULL_LIMIT} with view=full, got ${limit}`,
        {
          field: 'limit',
          expected: `at most ${FULL_LIMIT}`,
        },
      );
    const asked = query as unknown as ListQuery;
    const { items, ...page } = await listed(context, asked, {
      filter: scoped(filterOf(q), caller),
      list: [q, order, view],
      caller,
    });
    const shown = view === 'full' ? (items as TaskView[]).map((task) => context.access.shownTask(task, caller)) : items;
    return { status: 200, json: { items: shown, ...page } };
  },
  countTasks: async ({ query, caller }, context) => {
    const filter = scoped(filterOf((query as { q: string }).q), caller);
    const begunAt = context.runtime.monotonic();
    const now = context.runtime.now();
    let answer = await context.askLeader('count', { filter, now });
    // Each answer took the leader's thread a few milliseconds; a larger count is told as a lower bound.
    while (!answer.exact && answer.count === 0 && context.runtime.monotonic() - begunAt < COUNT_MS)
      answer = await context.askLeader('count', { filter, now });
    return { status: 200, json: { ...answer, revision: context.live.revisionFor(caller) } };
  },
  getTask: async (asked, context) => {
    const { payload, after, wait } = asked.query as { payload?: string; after?: string; wait?: string };
    const read = async (): Promise<{ view: TaskView; tag: string }> => {
      const view = await taskOf(context, asked.params.id ?? '', asked.caller, {
        payload: payload === '1' || payload === 'true',
      });
      return { view, tag: tagOf(view) };
    };
    const waitMs = waitMsOf(wait);
    let { view, tag } = await read();
    if (after !== undefined && after === tag) {
      const news = await untilTaskChanged(asked, context, waitMs, async () => {
        ({ view, tag } = await read());
        return tag !== after;
      });
      if (!news) return { status: 304, headers: { 'drover-task-revision': tag } };
    }
    return {
      status: 200,
      json: context.access.shownTask(view, asked.caller),
      headers: { etag: `W/"${tag}${payload === undefined ? '' : 'p'}"`, 'drover-task-revision': tag },
    };
  },
  getWhy: async ({ params, caller }, context) => ({ status: 200, json: await whyOf(context, params.id ?? '', caller) }),
  getAttempts: async ({ params, caller }, context) => {
    const view = await taskOf(context, params.id ?? '', caller);
    return { status: 200, json: { items: context.access.shownTask(view, caller).history } };
  },
  getBatch: async ({ params, caller }, context) => {
    const id = params.id ?? '';
    const { first, tasks } = await batchOf(context, id, caller);
    const counts: Record<string, number> = {};
    for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1;
    const ids = tasks.map((task) => task.id).reverse();
    return {
      status: 200,
      json: { id, queue: first.queue, client: first.client, submittedAt: first.submittedAt, tasks: ids, counts },
    };
  },
};

export interface ListQuery {
  q: string;
  limit: number;
  cursor?: string;
  after?: string;
  order: 'newest' | 'oldest';
  view: 'row' | 'full';
}

/** Throws `ApiError` `invalid-filter` with the position of the fault. */
export function filterOf(q: string): Filter {
  try {
    return parseFilter(q);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new ApiError('invalid-filter', error.message, { position: error.position });
  }
}

interface Page {
  items: readonly unknown[];
  next: string | null;
  revision: string | null;
  complete: boolean;
  /** Only for those who see all queues: it counts tasks of all of them. */
  scanned?: number;
}

/** A page of the list that `list` names; `filter` is cut to what the caller may see. */
export async function listed(
  context: ApiContext,
  { limit, cursor, after, order, view }: ListQuery,
  { filter, list, caller }: { filter: Filter; list: readonly unknown[]; caller: Caller },
): Promise<Page> {
  const place = readCursor(cursor, list);
  const from =
    place === null ? { after: checkedAfter(after), walk: null } : { after: textOf(place[0]), walk: numberOf(place[1]) };
  const found = await rowsOf(context, { filter, order, limit, ...from });
  const ids = found.rows.map(({ id }) => id);
  const next = nextOf(found, from.after);
  const seesAll = caller.queues === null;
  return {
    items: view === 'full' ? await withoutHiddenLinks(context, await tasksById(context, ids), caller) : found.rows,
    next: next === null ? null : cursorOf(list, next),
    revision: seesAll ? found.revision : context.live.revisionFor(caller),
    complete: found.complete,
    ...(seesAll ? { scanned: found.scanned } : {}),
  };
}

/** A page, found within the time for it; the leader looks in slices. */
export async function rowsOf(
  context: ApiContext,
  request: { filter: Filter; order: 'newest' | 'oldest'; limit: number; after: string | null; walk: number | null },
): Promise<TasksAnswer> {
  const { runtime } = context;
  const now = runtime.now();
  const begunAt = runtime.monotonic();
  let scanned = 0;
  for (let { walk } = request; ;) {
    const answer = await context.askLeader('tasks', { ...request, walk, now });
    scanned += answer.scanned;
    const isOver = answer.complete || answer.walk === null || runtime.monotonic() - begunAt >= PAGE_MS;
    if (isOver) return { ...answer, scanned };
    walk = answer.walk;
  }
}

/** Null: there is nothing more. Without rows the walk goes on from where the page began. */
function nextOf(
  { rows, next, complete, walk }: TasksAnswer,
  from: string | null,
): [string | null, number | null] | null {
  if (next !== null) return [next, walk];
  if (complete) return null;
  return [rows.at(-1)?.id ?? from, walk];
}

/** Changes with everything that a viewer sees of the task, and with nothing else. */
function tagOf({ state, attempt, history, progress = 0, note = '', startedAt = 0, reason = '' }: TaskView): string {
  const text = JSON.stringify([state, attempt, history.length, progress, note, startedAt, reason]);
  let hash = 5_381;
  for (let i = 0; i < text.length; i++) hash = (hash * 33 + text.charCodeAt(i)) % 4_294_967_296;
  return `${history.length}-${hash.toString(36)}`;
}

/** Looks again when the leader tells of a change, once a second at most. */
async function untilTaskChanged(
  asked: Asked,
  context: ApiContext,
  waitMs: number,
  look: () => Promise<boolean>,
): Promise<boolean> {
  const { runtime, live, waits } = context;
  const until = runtime.monotonic() + waitMs * (1 + runtime.random() / 16);
  return waits.waiting(async () => {
    while (true) {
      const seen = live.revision;
      const leftMs = until - runtime.monotonic();
      const happened = (): boolean => live.revision !== seen;
      const listen = (callback: () => void): (() => void) => live.onChange(callback);
      if (leftMs <= 0 || asked.signal.aborted) return false;
      await untilChanged(runtime, { waitMs: leftMs, signal: asked.signal, happened, listen });
      if (await look()) return true;
      await untilChanged(runtime, {
        waitMs: Math.min(1_000, Math.max(0, until - runtime.monotonic())),
        signal: asked.signal,
        happened: () => false,
        listen,
      });
    }
  });
}

function checkedAfter(after: string | undefined): string | null {
  if (after === undefined) return null;
  if (parseTaskId(after) !== null) return after;
  throw new ApiError('invalid-argument', `after: expected the id of a task, got ${JSON.stringify(after)}`, {
    field: 'after',
    expected: 'the id of a task',
  });
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && parseTaskId(value) !== null ? value : null;
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
