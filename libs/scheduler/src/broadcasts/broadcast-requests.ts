import type { BatchId } from '@drover/core';
import type { CommandAnswer, CommandRequest } from '@drover/protocol';
import type { Asked } from '../commands/operations.js';
import type { Broadcasts } from './broadcasts.js';

export type BroadcastRequest = Extract<CommandRequest, { kind: 'cancel-broadcasts' }>;
type Reply = NonNullable<CommandAnswer['broadcasts']>[number];

/** Cancels each by itself. `batches`: those whose writes the answer waits for. */
export async function cancelBroadcasts(
  broadcasts: Broadcasts,
  { broadcasts: ids }: BroadcastRequest,
  asked: Asked,
): Promise<{ answer: CommandAnswer; batches: ReadonlySet<BatchId> }> {
  const batches = new Set<BatchId>();
  const replies = await Promise.all(
    ids.map(async (id): Promise<Reply> => {
      const broadcast = broadcasts.book.get(id);
      if (broadcast === undefined)
        return { broadcast: id, ok: false, state: 'unknown', message: `there is no broadcast ${id}` };
      if (broadcast.finished !== null)
        return { broadcast: id, ok: false, state: 'finished', message: `broadcast ${id} is over` };
      const written = await broadcasts.cancel(broadcast, asked);
      if (written === null) return { broadcast: id, ok: false, message: 'the leader changed; try again' };
      for (const batch of written) batches.add(batch);
      return { broadcast: id, ok: true, state: 'closed' };
    }),
  );
  return { answer: { ok: true, broadcasts: replies }, batches };
}
