import type { TasksAnswer } from '@drover/api';
import {
  FilterError,
  filterTerm,
  formatFilter,
  parseFilter,
  parseTaskId,
  TaskNotFoundError,
  isBatchId,
  type Filter,
} from '@drover/core';
import type { TaskView } from '@drover/client';
import { scoped, sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import { untilChanged } from '../server/waits.js';
import { waitMsOf } from '../server/polling.js';
import type { Asked, Handlers } from './handler.js';
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
    const { items, ...page } = await listed(context, asked, scoped(filterOf(q), caller), [q, order, view]);
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
    return { status: 200, json: { ...answer, revision: context.live.revision } };
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
    if (!isBatchId(id))
      throw new ApiError(
        'invalid-argument',
        `id: expected the id of a batch, 26 characters such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA, got ${JSON.stringify(id)}`,
        { field: 'id', expected: 'the id of a batch' },
      );
    const tasks = await context.stored(collect(context.drover.list({ filter: `batch:${id}`, limit: Infinity })));
    const [first] = tasks;
    if (first === undefined || !sees(caller, first.queue))
      throw new ApiError('batch-not-found', `there is no batch ${id}, or retention has removed it`);
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

/**
 * One task as the znodes tell it. Throws `ApiError` `task-not-found`, also for one of a queue that the caller may not see, and
 * `invalid-argument` for what is no id.
 */
export async function taskOf(
  context: ApiContext,
  id: string,
  caller: Caller,
  options: { payload?: boolean } = {},
): Promise<TaskView> {
  if (parseTaskId(id) === null)
    throw new ApiError(
      'invalid-argument',
      `id: expected the id of a task such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0, got ${JSON.stringify(id)}`,
      { field: 'id', expected: 'the id of a task' },
    );
  let view: TaskView;
  try {
    view = await context.stored(context.drover.get(id, options));
  } catch (error) {
    if (error instanceof TaskNotFoundError) throw notFound(id);
    throw error;
  }
  if (!sees(caller, view.queue)) throw notFound(id);
  return view;
}

export const notFound = (id: string): ApiError =>
  new ApiError('task-not-found', `there is no task ${id}: it was never submitted, or retention has removed it`);

/** A page of the list that `list` names. */
export async function listed(
  context: ApiContext,
  { limit, cursor, after, order, view }: ListQuery,
  filter: Filter,
  list: readonly unknown[],
): Promise<{ items: readonly unknown[]; next: string | null; revision: string; complete: boolean; scanned: number }> {
  const place = readCursor(cursor, list);
  const from =
    place === null ? { after: checkedAfter(after), walk: null } : { after: textOf(place[0]), walk: numberOf(place[1]) };
  const found = await pageOf(context, { filter, order, limit, ...from });
  const ids = found.rows.map(({ id }) => id);
  const next = nextOf(found, from.after);
  return {
    items: view === 'full' ? await inFull(context, ids) : found.rows,
    next: next === null ? null : cursorOf(list, next),
    revision: found.revision,
    complete: found.complete,
    scanned: found.scanned,
  };
}

/** A page, found within the time for it; the leader looks in slices. */
async function pageOf(
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

/** The tasks with all that the znodes know of them, in the order of the ids; those that have gone are left out. */
async function inFull({ drover, stored }: ApiContext, ids: readonly string[]): Promise<TaskView[]> {
  if (ids.length === 0) return [];
  const filter = formatFilter([filterTerm('id', ids.join(','))]);
  const found = await stored(collect(drover.list({ filter, limit: Infinity })));
  const byId = new Map(found.map((task) => [task.id, task]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
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
