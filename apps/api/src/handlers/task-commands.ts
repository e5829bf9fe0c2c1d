import type { TaskReply } from '@drover/client';
import type { TaskId } from '@drover/core';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { askedBy, mustSeeTask, param } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';

type Act = (id: TaskId, asked: Asked, context: ApiContext) => Promise<unknown>;

/** Commands on one task. */
export const taskCommandHandlers: Handlers = {
  cancelTask: (asked, context) => onTask(asked, context, (id) => one(id, context.drover.cancel([id], askedBy(asked)))),
  retryTask: (asked, context) => onTask(asked, context, (id) => one(id, context.drover.retry([id], askedBy(asked)))),
  eraseTask: (asked, context) => onTask(asked, context, (id) => context.drover.erase(id, askedBy(asked))),
};

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
