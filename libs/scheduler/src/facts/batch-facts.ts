import { isLeaderDecided, RecordError, type BatchId, type RangeEnd } from '@drover/core';
import type { BatchFact, ResultFact } from '@drover/planner';
import { decodeBatchHeader, decodeResultHeader, type BatchHeader, type Spent } from '@drover/protocol';
import type { Znode } from '@drover/zookeeper';
import { watchOf } from '../schedules/operations.js';
import type { SharedParts } from './shared-parts.js';

/** Pure: makes facts for the planner from the records of a batch. */

export interface ReadBatch {
  readonly header: BatchHeader;
  readonly fact: BatchFact;
}

/** `past`: a time that was written before, by the leader's clock. Throws `RecordError`. */
export function readBatch(
  { id, path, past }: { id: BatchId; path: string; past: (atMs: number) => number },
  znode: Znode,
  shared: SharedParts,
): ReadBatch {
  const header = shared.in(decodeBatchHeader(path, znode.data));
  const { queue, groups, finished, kept = [], attempts, cancelled: cancelledTasks } = header;
  const fact: BatchFact = { id, queue, groups, submittedAt: past(znode.stat.ctime), bytes: znode.stat.dataLength };
  if (groups.some(needsOrder)) fact.order = znode.stat.czxid;
  if (header.needs !== undefined && header.needs.length > 0) fact.needs = header.needs;
  if (header.purged !== undefined) fact.purged = header.purged;
  if (header.erased !== undefined) fact.erased = header.erased;
  if (header.deadLettersOf !== undefined) fact.isForDead = true;
  if (finished === undefined && header.kept !== undefined) fact.diedBefore = kept;
  if (header.fires !== undefined) fact.watch = watchOf(header);
  if (finished !== undefined) {
    const { succeeded, cancelled } = finished;
    fact.finished = { at: past(finished.at), succeeded, cancelled, failed: kept };
    if (attempts !== undefined) fact.finished.attempts = attempts;
    if (cancelledTasks !== undefined) fact.finished.cancelledTasks = cancelledTasks;
  }
  return { header, fact };
}

/** Whether the planner must know when it was submitted, among the others. */
const needsOrder = ({ unique, after, sequence }: BatchHeader['groups'][number]): boolean =>
  isLeaderDecided(unique) || after !== null || sequence !== null;

/**
 * The facts that a result has about a batch of `count` tasks. Throws `RecordError`, also if the ends are not of this
 * batch: only the form of what workers write is trusted.
 */
export function readEnds(path: string, data: Uint8Array, count: number): ReadEnds {
  const { worker, leader, death, attempt, ends, spent, busyUs, holds, told } = decodeResultHeader(path, data);
  const wrong = ends.find(({ from, to }) => from >= to || to > count);
  if (wrong !== undefined) throw new RecordError(path, `tasks ${wrong.from} to ${wrong.to}, the batch has ${count}`);
  const lost = told?.find(([from, to]) => from >= to || to > count);
  if (lost !== undefined) throw new RecordError(path, `tasks ${lost[0]} to ${lost[1]}, the batch has ${count}`);
  const by = leader === true ? { leader } : {};
  const held = holds === undefined ? {} : { holds: holds.map(({ limit, ms }) => [limit, ms] as const) };
  return {
    attempt,
    ends,
    ...by,
    ...held,
    ...spentFact(spent, busyUs),
    ...(told && { told }),
    ...(death && { death: { worker, many: death === 'many' } }),
  };
}

export type ReadEnds = Pick<ResultFact, 'attempt' | 'spent' | 'death' | 'holds' | 'told'> & {
  ends: readonly RangeEnd[];
  /** No worker had the tasks. */
  leader?: true;
};

/** The worker's time, if the report states it. */
export function spentFact(spent: Spent | undefined, busyUs?: number): Pick<ResultFact, 'spent'> {
  if (spent === undefined) return {};
  const busy = busyUs === undefined ? {} : { busyMs: busyUs / 1_000 };
  return { spent: { ranMs: spent.ranUs / 1_000, heldMs: spent.heldUs / 1_000, ...busy } };
}
