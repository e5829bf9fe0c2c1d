import type { schemas } from '@drover/api';
import type * as z from 'zod';
import { ApiError } from '../api-error.js';
import type { Handlers } from './handler.js';

export const electionHandlers: Handlers = {
  getElection: async (_asked, { leader }) => {
    const now = leader.current;
    const json: z.input<typeof schemas.election> = {
      epoch: now?.epoch ?? leader.changes[0]?.epoch ?? null,
      leader: now?.id ?? null,
      since: now?.since ?? null,
      changes: leader.changes.map((change) => ({ ...change })),
    };
    return { status: 200, json };
  },
  resign: async ({ params, body }, context) => {
    const { schedulerId, leader, members, stored, ask } = context;
    const wanted = params.name ?? '';
    const { reason = '' } = body as { reason?: string };
    const { value } = await stored(members.schedulers());
    const found = value.find(({ id }) => id === wanted);
    if (found === undefined && wanted !== schedulerId)
      throw new ApiError('scheduler-not-found', `no scheduler is called ${JSON.stringify(wanted)}`);
    if (wanted !== schedulerId)
      throw new ApiError(
        'misdirected',
        `only ${wanted} itself hands over: ask it at ${found?.api ?? 'its own address'}`,
        {
          location: found?.api ?? null,
        },
      );
    const epoch = leader.current?.epoch ?? 0;
    if (!(await ask('resign', { reason })))
      throw new ApiError('conflict', `scheduler ${wanted} does not lead, so it has nothing to hand over`, {
        state: 'follower',
      });
    return { status: 202, json: { id: wanted, epoch } };
  },
};
