import type { TaskView } from '@drover/client';
import { DEFAULT_QUEUE, filterTerm, formatFilter, parseTaskId, RecordError, TaskNotFoundError } from '@drover/core';
import { readFlow } from '@drover/inspect';
import { sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';

/**
 * One task as the znodes tell it. Throws `ApiError` `task-not-found`, in the same words for one of a queue that the caller may not
 * see, and `invalid-argument` for what is no id.
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
  const view = await read(context, id, caller, options);
  if (!sees(caller, view.queue)) throw taskNotFound(id);
  const [shown = view] = await withoutHiddenLinks(context, [view], caller);
  return shown;
}

async function read(
  { drover, stored }: ApiContext,
  id: string,
  caller: Caller,
  options: { payload?: boolean },
): Promise<TaskView> {
  try {
    return await stored(drover.get(id, options));
  } catch (error) {
    // A batch that cannot be read does not say of which queue it is.
    const isHidden = error instanceof RecordError && caller.queues !== null;
    throw error instanceof TaskNotFoundError || isHidden ? taskNotFound(id) : error;
  }
}

export const taskNotFound = (id: string): ApiError =>
  new ApiError('task-not-found', `there is no task ${id}: it was never submitted, or retention has removed it`);

/** A task names others, and the run that it is a step of: those of another queue only to those who see that queue. */
export async function withoutHiddenLinks(
  context: ApiContext,
  views: readonly TaskView[],
  caller: Caller,
): Promise<TaskView[]> {
  return caller.queues === null
    ? [...views]
    : withoutHiddenRuns(context, await withoutHiddenWinners(context, views, caller), caller);
}

/** Of tasks that were moved: without the task that runs in its place. */
async function withoutHiddenWinners(
  context: ApiContext,
  views: readonly TaskView[],
  caller: Caller,
): Promise<TaskView[]> {
  const winners = views.flatMap(({ supersededBy }) => supersededBy ?? []);
  if (winners.length === 0) return [...views];
  const seen = new Set(
    (await tasksById(context, winners)).filter(({ queue }) => sees(caller, queue)).map(({ id }) => id),
  );
  return views.map((view) => {
    const { supersededBy, ...others } = view;
    return supersededBy === undefined || seen.has(supersededBy) ? view : others;
  });
}

/** Of steps of flows: without the run. Nobody sees one whose flow cannot be read. */
async function withoutHiddenRuns(context: ApiContext, views: readonly TaskView[], caller: Caller): Promise<TaskView[]> {
  const flows = [...new Set(views.flatMap(({ flow }) => flow ?? []).map(({ run }) => flowIdOf(run)))];
  if (flows.length === 0) return [...views];
  const seen = new Set<string>();
  for (const id of flows) if (await seesFlow(context, id, caller)) seen.add(id);
  return views.map((view) => {
    const { flow, ...others } = view;
    return flow === undefined || seen.has(flowIdOf(flow.run)) ? view : others;
  });
}

const flowIdOf = (run: string): string => parseTaskId(run)?.batch ?? run;

async function seesFlow({ zk, stored }: ApiContext, id: string, caller: Caller): Promise<boolean> {
  try {
    const { header } = await stored(zk().then((client) => readFlow(client, id)));
    return sees(caller, header.queue ?? DEFAULT_QUEUE);
  } catch (error) {
    if (error instanceof RecordError) return false;
    throw error;
  }
}

/** The tasks with all that the znodes know of them, in the order of the ids; those that have gone are left out. */
export async function tasksById({ drover, stored }: ApiContext, ids: readonly string[]): Promise<TaskView[]> {
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
