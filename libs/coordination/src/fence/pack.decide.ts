import { LIMITS } from '@drover/core';
import type { Operation } from '@drover/zookeeper';

/** Something to write: operations that go together, in one multi. */
export interface Entry {
  readonly operations: readonly Operation[];
  readonly bytes: number;
  /** True: the entry may fail and has a multi of its own. */
  readonly alone: boolean;
}

/**
 * The number of entries from the head of the queue that make the next multi: as many as the limits allow, at least one
 * (an entry that is too large for ZooKeeper was refused before), and only one if it must go alone.
 */
export function nextPacket(queue: readonly Entry[], from: number): number {
  let operations = 1;
  let bytes = 0;
  let count = 0;
  for (let i = from; i < queue.length; i++) {
    const entry = queue[i];
    if (entry === undefined || (entry.alone && count > 0)) break;
    operations += entry.operations.length;
    bytes += entry.bytes;
    if (count > 0 && (operations > LIMITS.multiOperations || bytes > LIMITS.multiBytes)) break;
    count++;
    if (entry.alone) break;
  }
  return count;
}

/** About the bytes that an operation takes on the wire. */
export function bytesOf(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const operation of operations) {
    bytes += operation.path.length + 64;
    if ('data' in operation) bytes += Buffer.byteLength(operation.data);
  }
  return bytes;
}
