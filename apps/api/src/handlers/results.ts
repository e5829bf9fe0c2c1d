import type { schemas } from '@drover/api';
import { ResultTimeoutError, type Drover, type TaskEnding, type TaskView } from '@drover/client';
import { isFinal, type TaskId } from '@drover/core';
import type * as z from 'zod';
import type { ApiContext } from '../api-context.js';
import { mustSeeTask, param, waitOf } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';

export type Ended = z.input<typeof schemas.ended>;

/** Waits until the task has ended, for `ms` at most; `null`: it has not. Of any number of waits for one batch ZooKeeper sees one watch. */
export async function endingWithin(
  drover: Drover,
  id: TaskId,
  { ms, signal }: { ms: number; signal: AbortSignal },
): Promise<TaskEnding | null> {
  try {
    return await drover.task(id).ending({ timeout: ms, signal });
  } catch (error) {
    if (error instanceof ResultTimeoutError) return null;
    throw error;
  }
}

export function endedOf(id: TaskId, ending: TaskEnding): Ended {
  const { state, attempt, worker } = ending;
  const said = { id, state, attempt, worker };
  switch (ending.state) {
    case 'succeeded':
      return { ...said, result: ending.result ?? null };
    case 'failed':
      return { ...said, error: { ...ending.error } };
    case 'cancelled':
      return said;
  }
}

/** Without what `--api-redact` names. */
export function shown({ result, ...ended }: Ended, { access }: Pick<ApiContext, 'access'>): Ended {
  return result === undefined ? ended : { ...ended, result: access.returnedValue(result) };
}

function endedView({ id, state, attempt, worker, result, error }: TaskView): Ended {
  return {
    ...{ id, state, attempt, worker },
    ...(state === 'succeeded' ? { result: result ?? null } : {}),
    ...(state === 'failed' && error !== undefined ? { error: { ...error } } : {}),
  };
}

/** `GET /v1/tasks/:id/result`. */
export const resultHandlers: Handlers = {
  getResult: async (asked: Asked, context: ApiContext): Promise<Answer> => {
    const id = param(asked, 'id');
    const ms = waitOf(asked.query.wait);
    await mustSeeTask(asked, context, id);
    if (ms > 0) {
      const { signal } = asked;
      const ending = await context.waits.waiting(() => endingWithin(context.drover, id, { ms, signal }));
      if (ending !== null) return { status: 200, json: shown(endedOf(id, ending), context) };
    }
    const view = await context.stored(context.drover.get(id));
    if (isFinal(view.state)) return { status: 200, json: shown(endedView(view), context) };
    return { status: 202, json: { id, state: view.state }, headers: { 'Retry-After': '1' } };
  },
};
