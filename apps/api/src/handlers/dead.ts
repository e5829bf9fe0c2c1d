import { filterTerm } from '@drover/core';
import type { TaskView } from '@drover/client';
import { scoped } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import type { Handlers } from './handler.js';
import { filterOf, listed, type ListQuery } from './tasks.js';

const UNKNOWN = { name: 'Error', message: 'the reason cannot be read', retryable: false } as const;
const MOST = 100;

/** Dead letters: the leader finds them, the znodes tell why each failed. */
export const deadHandlers: Handlers = {
  listDead: async ({ query, caller }, context: ApiContext) => {
    const { limit, ...rest } = query as unknown as Omit<ListQuery, 'order' | 'view'>;
    const filter = [...scoped(filterOf(rest.q), caller), filterTerm('state', 'failed')];
    const asked: ListQuery = { ...rest, limit: Math.min(limit, MOST), order: 'newest', view: 'full' };
    const { items, ...page } = await listed(context, asked, { filter, list: ['dead', rest.q], caller });
    const dead = (items as TaskView[]).filter(({ state }) => state === 'failed');
    return {
      status: 200,
      json: { items: dead.map((task) => context.access.shownTask(asDead(task), caller)), ...page },
    };
  },
};

/** As `Drover.dead.list` answers. */
function asDead(task: TaskView): TaskView & { diedAt: number; attempts: number } {
  const { error = UNKNOWN, finishedAt = task.submittedAt, attempt } = task;
  return { ...task, error, diedAt: finishedAt, attempts: attempt };
}
