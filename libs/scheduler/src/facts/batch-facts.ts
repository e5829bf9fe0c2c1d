import { RecordError, type BatchId } from '@drover/core';
import type { BatchFact, EndFact, ResultFact } from '@drover/planner';
import { decodeBatchHeader, decodeResultHeader, type BatchHeader, type Spent } from '@drover/protocol';
import type { Znode } from '@drover/zookeeper';
import type { SharedParts } from './shared-parts.js';

/** Pure: from the records of a batch to what the planner is told. */

export interface ReadBatch {
  readonly header: BatchHeader;
  readonly fact: BatchFact;
}

/** Throws `RecordError`. */
export function readBatch(id: BatchId, path: string, znode: Znode, shared: SharedParts): ReadBatch {
  const header = shared.in(decodeBatchHeader(path, znode.data));
  const { queue, groups, finished, kept = [], attempts, cancelled: cancelledTasks } = header;
  const fact: BatchFact = { id, queue, groups, submittedAt: znode.stat.ctime, bytes: znode.stat.dataLength };
  if (finished !== undefined) {
    const { at, succeeded, cancelled } = finished;
    fact.finished = { at, succeeded, cancelled, failed: kept };
    if (attempts !== undefined) fact.finished.attempts = attempts;
    if (cancelledTasks !== undefined) fact.finished.cancelledTasks = cancelledTasks;
  }
  return { header, fact };
}

/**
 * What a result tells of a batch of `count` tasks. Throws `RecordError`, also where the ends are none of this batch:
 * what workers write is trusted in nothing but its form.
 */
export function readEnds(path: string, data: Uint8Array, count: number): ReadEnds {
  const { worker, death, attempt, ends, spent } = decodeResultHeader(path, data);
  const wrong = ends.find(({ from, to }) => from >= to || to > count);
  if (wrong !== undefined) throw new RecordError(path, `tasks ${wrong.from} to ${wrong.to}, the batch has ${count}`);
  return { attempt, ends, ...spentFact(spent), ...(death && { death: { worker, many: death === 'many' } }) };
}

export type ReadEnds = Pick<ResultFact, 'attempt' | 'spent' | 'death'> & { ends: readonly EndFact[] };

/** What a report says of the worker's time, where it does. */
export function spentFact(spent: Spent | undefined): Pick<ResultFact, 'spent'> {
  return spent === undefined ? {} : { spent: { ranMs: spent.ranUs / 1_000, heldMs: spent.heldUs / 1_000 } };
}
