import { instantOf, type TaskChange, type TaskReply } from '@drover/client';
import type { TaskId } from '@drover/core';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { apiErrorOf } from '../errors-of-client.js';
import { askedBy, mustSee, mustSeeTask, param } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';

type Act = (id: TaskId, asked: Asked, context: ApiContext) => Promise<unknown>;

/** Commands on one task. */
export const taskCommandHandlers: Handlers = {
  cancelTask: (asked, context) => onTask(asked, context, (id) => one(id, context.drover.cancel([id], askedBy(asked)))),
  retryTask: (asked, context) => onTask(asked, context, (id) => one(id, context.drover.retry([id], askedBy(asked)))),
  changeTask: (asked, context) =>
    onTask(asked, context, (id) => {
      const { reason: _, ...change } = asked.body as ChangeBody & { reason?: string };
      return one(id, context.drover.setTasks([id], changeOf(change, asked), askedBy(asked)));
    }),
  changeTasks: async (asked, context) => {
    const { tasks, change } = asked.body as { tasks: TaskId[]; change: ChangeBody };
    const wanted = changeOf(change, asked);
    const { seen, hidden } = await seenAmong(tasks, asked, context);
    const replies = seen.length === 0 ? [] : await context.drover.setTasks(seen, wanted, askedBy(asked));
    const byId = new Map([...hidden, ...replies].map((reply) => [reply.id, reply]));
    const items = tasks.map((id) => byId.get(id) ?? notSeen(id));
    return { status: 200, json: { items }, audit: auditOf(tasks) };
  },
  redriveDead: async (asked, context) => {
    const { tasks, queue: toQueue } = asked.body as { tasks: TaskId[]; queue?: string };
    if (toQueue !== undefined) mustSee(asked.caller, toQueue);
    const { seen, hidden } = await seenAmong(tasks, asked, context);
    const { redriven, refused } = await context.drover.dead.redrive({ tasks: seen, toQueue }, askedBy(asked));
    const json = { found: tasks.length, redriven, refused: [...refused, ...hidden] };
    return { status: 200, json, audit: auditOf(tasks) };
  },
  // Callers who are limited to queues lack its permission.
  purgeDead: async (asked, { drover }) => {
    const { tasks } = asked.body as { tasks: TaskId[] };
    return { status: 200, json: await drover.dead.purge({ tasks }, askedBy(asked)), audit: auditOf(tasks) };
  },
  eraseTask: (asked, context) => onTask(asked, context, (id) => context.drover.erase(id, askedBy(asked))),
};

type ChangeBody = Omit<TaskChange, 'at'> & { at?: string | number };

/** Throws `ApiError` and `InvalidArgumentError`. */
function changeOf({ at, ...rest }: ChangeBody, { caller }: Asked): TaskChange {
  if (rest.queue !== undefined) mustSee(caller, rest.queue);
  return { ...rest, ...(at === undefined ? {} : { at: new Date(instantOf('at', at)) }) };
}

const auditOf = (tasks: readonly TaskId[]): NonNullable<Answer['audit']> => ({
  object: `${tasks[0]}${tasks.length > 1 ? ` and ${tasks.length - 1} more` : ''}`,
  count: tasks.length,
});

/** Tasks that a caller without a limit to queues names are not looked at here: the leader says which of them there are. */
async function seenAmong(
  tasks: readonly TaskId[],
  asked: Asked,
  context: ApiContext,
): Promise<{ seen: TaskId[]; hidden: TaskReply[] }> {
  if (asked.caller.queues === null) return { seen: [...tasks], hidden: [] };
  const seen: TaskId[] = [];
  const hidden: TaskReply[] = [];
  for (const id of tasks) {
    const is = await mustSeeTask(asked, context, id).then(
      () => true,
      (error: unknown) => {
        if (apiErrorOf(error)?.code === 'task-not-found') return false;
        throw error;
      },
    );
    if (is) seen.push(id);
    else hidden.push(notSeen(id));
  }
  return { seen, hidden };
}

const notSeen = (id: TaskId): TaskReply => ({ id, ok: false, state: 'unknown', message: 'no such task' });

async function onTask(asked: Asked, context: ApiContext, act: Act): Promise<Answer> {
  const id = param(asked, 'id');
  await mustSeeTask(asked, context, id);
  return { status: 200, json: await act(id, asked, context) };
}

/** Throws `ApiError` where the leader refused it. */
async function one(id: TaskId, asking: Promise<TaskReply[]>): Promise<TaskReply> {
  const [reply] = await asking;
  if (reply?.ok === true) return reply;
  const { state, message = 'the leader gave no reason' } = reply ?? {};
  if (state === 'unknown') throw new ApiError('task-not-found', `no task ${id}: ${message}`);
  throw new ApiError('conflict', `task ${id}: ${message}`, state === undefined ? {} : { state });
}
