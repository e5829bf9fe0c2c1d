import { isLeaderDecided, RecordError, type BatchId, type Range, type RangeEnd } from '@drover/core';
import type { BatchFact, ResultFact } from '@drover/planner';
import { decodeBatchHeader, decodeResultHeader, type BatchHeader, type Spent, type StepReport } from '@drover/protocol';
import type { Znode } from '@drover/zookeeper';
import { pinnedOf } from '../broadcasts/operations.js';
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
  if (finished === undefined && header.kept !== undefined && header.settled === undefined) fact.diedBefore = kept;
  if (header.fires !== undefined) fact.watch = watchOf(header);
  if (isOfFlow(header)) Object.assign(fact, STEPS);
  if (header.draft !== undefined && finished === undefined) fact.isDraft = true;
  if (header.broadcast !== undefined) Object.assign(fact, pinnedOf(header));
  if (finished !== undefined) {
    const { succeeded, cancelled } = finished;
    fact.finished = { at: past(finished.at), succeeded, cancelled, failed: kept };
    if (attempts !== undefined) fact.finished.attempts = attempts;
    if (cancelledTasks !== undefined) fact.finished.cancelledTasks = cancelledTasks;
  }
  return { header, fact };
}

/** Its tasks are steps of runs, or items of a map. */
export const isOfFlow = (header: BatchHeader | undefined): boolean =>
  header?.of !== undefined || header?.draft !== undefined;

/** The facts of a batch of a flow for the planner: its flow holds it, and is told how its tasks end. */
export const STEPS: Pick<BatchFact, 'isStep' | 'isKept'> = { isStep: true, isKept: true };

/** Whether the planner must know when it was submitted, among the others. */
const needsOrder = ({ unique, after, sequence }: BatchHeader['groups'][number]): boolean =>
  isLeaderDecided(unique) || after !== null || sequence !== null;

/**
 * The facts that a result has about a batch of `count` tasks. Throws `RecordError`, also if the ends are not of this
 * batch: only the form of what workers write is trusted.
 */
export function readEnds(path: string, data: Uint8Array, count: number): ReadEnds {
  const header = decodeResultHeader(path, data);
  const { worker, leader, death, attempt, ends, spent, busyUs, holds, told, checkpoints } = header;
  const wrong = ends.find(({ from, to }) => from >= to || to > count);
  if (wrong !== undefined) throw new RecordError(path, `tasks ${wrong.from} to ${wrong.to}, the batch has ${count}`);
  const lost = told?.find(([from, to]) => from >= to || to > count);
  if (lost !== undefined) throw new RecordError(path, `tasks ${lost[0]} to ${lost[1]}, the batch has ${count}`);
  const left = checkpoints?.find(([from, to]) => from >= to || to > count);
  if (left !== undefined) throw new RecordError(path, `tasks ${left[0]} to ${left[1]}, the batch has ${count}`);
  const by = leader === true ? { leader } : {};
  const held = holds === undefined ? {} : { holds: holds.map(({ limit, ms }) => [limit, ms] as const) };
  return {
    attempt,
    ends,
    ...by,
    ...held,
    ...spentFact(spent, busyUs),
    ...(told && { told }),
    ...(checkpoints && { checkpoints }),
    ...(death && { death: { worker, many: death === 'many' } }),
    ...(saysOfSteps(header) && { steps: stepReportOf(header) }),
  };
}

const saysOfSteps = ({ labels, skipped, expanded, becomes }: StepReport): boolean =>
  (labels ?? skipped ?? expanded ?? becomes) !== undefined;

const stepReportOf = ({ labels, skipped, expanded, becomes }: StepReport): StepReport => ({
  ...(labels && { labels }),
  ...(skipped && { skipped }),
  ...(expanded && { expanded }),
  ...(becomes && { becomes }),
});

export type ReadEnds = Pick<ResultFact, 'attempt' | 'spent' | 'death' | 'holds' | 'told'> & {
  ends: readonly RangeEnd[];
  /** No worker had the tasks. */
  leader?: true;
  /** Said of tasks that are steps of runs. */
  steps?: StepReport;
  /** Tasks that have left something for their next attempt. */
  checkpoints?: readonly Range[];
};

/** The worker's time, if the report states it. */
export function spentFact(spent: Spent | undefined, busyUs?: number): Pick<ResultFact, 'spent'> {
  if (spent === undefined) return {};
  const busy = busyUs === undefined ? {} : { busyMs: busyUs / 1_000 };
  return { spent: { ranMs: spent.ranUs / 1_000, heldMs: spent.heldUs / 1_000, ...busy } };
}
