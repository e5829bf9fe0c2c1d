import { LIMITS } from '@drover/core';
import type { CheckedTask } from '@drover/client';

/**
 * Which tasks of a request go into which batch, by their indexes: tasks of one queue that need the same features, as many as one
 * batch may have. Pure, and the same for the same tasks: a repeated request finds the same batches.
 */
export function partition(tasks: readonly CheckedTask[]): number[][] {
  const open = new Map<string, { indexes: number[]; bytes: number }>();
  const parts: number[][] = [];
  tasks.forEach(({ queue, features, bytes }, index) => {
    const name = `${queue} ${features.join(' ')}`;
    let part = open.get(name);
    const isFull =
      part === undefined || part.indexes.length >= LIMITS.batchTasks || part.bytes + bytes > LIMITS.batchBytes;
    if (part === undefined || isFull) {
      part = { indexes: [], bytes: 0 };
      open.set(name, part);
      parts.push(part.indexes);
    }
    part.indexes.push(index);
    part.bytes += bytes + 1;
  });
  return parts;
}
