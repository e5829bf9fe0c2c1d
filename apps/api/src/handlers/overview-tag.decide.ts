import { createHash } from 'node:crypto';
import type { schemas } from '@drover/api';
import type * as z from 'zod';

type Overview = z.output<typeof schemas.overview>;

/**
 * Pure. The `ETag` of an overview: the same while nothing has happened but that time went by. Ages stand for their beginnings, by
 * which whoever has the document knows them, and the last round trip to ZooKeeper is another one each time.
 */
export function overviewTag({ at, leader, oldestPendingMs, attention, zookeeper, ...rest }: Overview): string {
  const lasting = {
    ...rest,
    leader: leader === null ? null : { ...leader, sinceMs: leader.sinceMs === null ? null : at - leader.sinceMs },
    oldestDueAt: oldestPendingMs === null ? null : at - oldestPendingMs,
    // The sentence has the age in words: to the second, and minutes later to the minute.
    attention: attention.map(({ waitedMs: _waited, since: _since, ...entry }) => entry),
    zookeeper: zookeeper.state,
  };
  return `W/"${createHash('sha1').update(JSON.stringify(lasting)).digest('base64url').slice(0, 22)}"`;
}
