import { ApiError } from '../api-error.js';
import { sees } from '../access/caller.js';
import { askedBy, mustSeeAll, param } from './asked.js';
import type { Handlers } from './handler.js';

export const scalingHandlers: Handlers = {
  getScale: async (asked, { askLeader }) => {
    const pool = param(asked, 'pool');
    mustSeeAll(asked.caller, `the pool '${pool}'`);
    const advice = await askLeader('scale', { pool });
    if (typeof advice === 'string') throw new ApiError('pool-not-found', advice);
    return { status: 200, json: advice };
  },
  scaleComing: async (asked, { drover }) => {
    const pool = param(asked, 'pool');
    mustSeeAll(asked.caller, `the pool '${pool}'`);
    const { count } = asked.body as { count: number };
    return { status: 200, json: await drover.scaleComing(pool, count, askedBy(asked)) };
  },
  getScaling: async ({ query, caller }, { askLeader, runtime }) => {
    const { queue = null, type = null } = query as { queue?: string; type?: string };
    if (caller.queues !== null && (queue === null || !sees(caller, queue)))
      throw new ApiError('forbidden', 'you may see some queues only: name one of them with queue=', { needs: 'see' });
    const { pending, out, oldestDueAt, capacity } = await askLeader('scaling', { queue, type });
    const oldestAgeSeconds = oldestDueAt === null ? 0 : Math.max(0, runtime.now() - oldestDueAt) / 1_000;
    return { status: 200, json: { queue, type, outstanding: pending + out, pending, out, oldestAgeSeconds, capacity } };
  },
};
