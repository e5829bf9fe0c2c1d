import { LIMITS, type BatchId } from '@drover/core';
import type { BatchFact } from '@drover/planner';
import { batchPath, broadcastPartPath, encodeBatch, type BatchHeader } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import type { Broadcast } from './book.js';

/** Pure: what parts of broadcasts are in znodes, and for the planner. */

/** Characters of names in the header of one batch, at most. */
const MOST_CHARACTERS = 48 * 1024;

/** The names by batches. */
export function parted(names: readonly string[]): string[][] {
  const parts: string[][] = [];
  let characters = 0;
  for (const name of names) {
    const last = parts.at(-1);
    characters += name.length + 3;
    if (last === undefined || last.length >= LIMITS.batchTasks || characters > MOST_CHARACTERS) {
      parts.push([name]);
      characters = name.length + 3;
    } else last.push(name);
  }
  return parts;
}

/** `client`: the leader. */
export function headerOf({ id, record, until }: Broadcast, workers: string[], at: number, client: string): BatchHeader {
  const { queue, task, skipDraining, fire, needs = [] } = record;
  const broadcast = { id, workers, until, ...(skipDraining && { skipDraining }), ...(fire && { fire }) };
  return { queue, count: workers.length, groups: [{ ...task, count: workers.length }], at, client, broadcast, needs };
}

/** The batch, and the mark below the broadcast by which clients find it. */
export function partOperations(id: BatchId, batch: BatchId, header: BatchHeader): Operation[] {
  return [
    { op: 'create', path: broadcastPartPath(id, batch), data: '' },
    { op: 'create', path: batchPath(batch), data: encodeBatch(header, []) },
  ];
}

/** The facts of a part for the planner: whom its tasks are for, and that it is kept as long as the broadcast goes on. */
export function pinnedOf({ broadcast }: Pick<BatchHeader, 'broadcast'>): Pick<BatchFact, 'pinned' | 'isKept'> {
  if (broadcast === undefined) return {};
  const { workers, until, skipDraining = false } = broadcast;
  return { pinned: { workers, until, skipsDraining: skipDraining }, isKept: true };
}
