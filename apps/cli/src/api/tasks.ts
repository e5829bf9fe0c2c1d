import type { AskOptions, ListOptions, TaskChange, TaskReply, TaskView, WhyView } from '@drover/client';
import { filterTerm, formatFilter, InvalidArgumentError, localTask, parseFilter } from '@drover/core';
import type { ApiClient } from './api-client.js';
import { isRefused } from './errors.js';

/** A page of tasks with all that is known of them; the server reads each from ZooKeeper. */
const FULL_PAGE = 100;
/** Requests under way at a time. */
const AT_A_TIME = 16;
/** The leader has so long to answer a command, and the API a little longer. */
const COMMAND_MS = 40_000;
/** Ids that one request may name. */
const MOST_IDS = 5_000;
const DEFAULT_LIMIT = 100;

export const getTask = (api: ApiClient, id: string, payload: boolean): Promise<TaskView> =>
  api.get('getTask', { params: { id }, query: { payload: payload ? 1 : undefined } });

export const getWhy = (api: ApiClient, id: string): Promise<WhyView> => api.get('getWhy', { params: { id } });

/** As `Drover.list`: throws `InvalidArgumentError` and `FilterError` at the first step. */
export async function* listTasks(api: ApiClient, options: ListOptions): AsyncGenerator<TaskView, void> {
  const { limit = DEFAULT_LIMIT, after, signal } = options;
  if (after !== undefined && localTask(after) === null) throw new InvalidArgumentError('after', after, 'a task id');
  let left = limit;
  const page = Math.min(limit, FULL_PAGE);
  const query = { q: filterOf(options), view: 'full', limit: page, after };
  for await (const task of api.pages<TaskView>('listTasks', { query, ...(signal === undefined ? {} : { signal }) })) {
    yield task;
    if (--left === 0) return;
  }
}

/** The filter of the options, in one text. Throws `FilterError`. */
function filterOf({ filter = '', state, queue }: ListOptions): string {
  return formatFilter([
    ...parseFilter(filter),
    ...(state === undefined ? [] : [filterTerm('state', state)]),
    ...(queue === undefined ? [] : [filterTerm('queue', queue)]),
  ]);
}

/** One request for each task; what is refused is told with the others, as the leader does. */
export async function changeTasks(
  api: ApiClient,
  route: 'cancelTask' | 'retryTask',
  ids: Iterable<string>,
  { reason }: AskOptions = {},
): Promise<TaskReply[]> {
  const all = checked(ids);
  const replies: TaskReply[] = [];
  for (let from = 0; from < all.length; from += AT_A_TIME) {
    const some = all.slice(from, from + AT_A_TIME).map((id) => changeOne(api, route, id, reason));
    replies.push(...(await Promise.all(some)));
  }
  return replies;
}

export async function setTasks(
  api: ApiClient,
  ids: Iterable<string>,
  { at, ...rest }: TaskChange,
  { reason }: AskOptions = {},
): Promise<TaskReply[]> {
  const change = { ...rest, ...(at === undefined ? {} : { at: at.getTime() }) };
  return inRequests(checked(ids), async (tasks) => {
    const body = { tasks, change, ...(reason === undefined ? {} : { reason }) };
    return (await api.get<{ items: TaskReply[] }>('changeTasks', { body, silentMs: COMMAND_MS })).items;
  });
}

/** Purges dead letters, or redrives them to a queue. The answer names those that were refused. */
export async function commandDead(
  api: ApiClient,
  route: 'redriveDead' | 'purgeDead',
  ids: Iterable<string>,
  body: { queue?: string; reason?: string },
): Promise<TaskReply[]> {
  return inRequests(checked(ids), async (tasks) => {
    const asked = { body: { tasks, ...body }, silentMs: COMMAND_MS };
    const { refused } = await api.get<{ refused: TaskReply[] }>(route, asked);
    const refusals = new Map(refused.map((reply) => [reply.id, reply]));
    return tasks.map((id) => refusals.get(id) ?? { id, ok: true });
  });
}

function checked(ids: Iterable<string>): string[] {
  const all = [...ids];
  for (const id of all) if (localTask(id) === null) throw new InvalidArgumentError('task id', id, 'BATCH.INDEX');
  return all;
}

async function inRequests(
  ids: readonly string[],
  act: (some: readonly string[]) => Promise<TaskReply[]>,
): Promise<TaskReply[]> {
  const replies: TaskReply[] = [];
  for (let from = 0; from < ids.length; from += MOST_IDS)
    replies.push(...(await act(ids.slice(from, from + MOST_IDS))));
  return replies;
}

async function changeOne(
  api: ApiClient,
  route: 'cancelTask' | 'retryTask',
  id: string,
  reason: string | undefined,
): Promise<TaskReply> {
  try {
    return await api.get<TaskReply>(route, { params: { id }, body: reason === undefined ? {} : { reason } });
  } catch (error) {
    if (!isRefused(error, 'task-not-found', 'conflict', 'removed')) throw error;
    const { state } = error.data;
    return { id, ok: false, ...(typeof state === 'string' ? { state } : {}), message: error.message };
  }
}
