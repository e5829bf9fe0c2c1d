import { ApiError } from '../api-error.js';
import { sees } from '../access/caller.js';
import type { Handlers } from './handler.js';

export const scalingHandlers: Handlers = {
  getScaling: async ({ query, caller }, { askLeader, runtime }) => {
    const { queue = null, type = null } = query as { queue?: string; type?: string };
    if (caller.queues !== null && (queue === null || !sees(caller, queue)))
      throw new ApiError('forbidden', 'you may see some queues only: name one of them with queue=', { needs: 'see' });
    const { pending, out, oldestDueAt, capacity } = await askLeader('scaling', { queue, type });
    const oldestAgeSeconds = oldestDueAt === null ? 0 : Math.max(0, runtime.now() - oldestDueAt) / 1_000;
    return { status: 200, json: { queue, type, outstanding: pending + out, pending, out, oldestAgeSeconds, capacity } };
  },
};
