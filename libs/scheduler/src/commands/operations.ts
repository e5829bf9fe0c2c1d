import { DEFAULT_TASK_OPTIONS, featuresOf, indexesOf, NO_TENANT, taskId, toRanges, type BatchId } from '@drover/core';
import type { AssignmentFact, Command } from '@drover/planner';
import {
  assignmentPath,
  batchPath,
  encodeBatch,
  encodeEnd,
  encodeRecord,
  ERASE,
  originName,
  parseAssignmentName,
  payloadsOf,
  resultName,
  resultPath,
  type AssignmentRecord,
  type Batch,
  type BatchHeader,
} from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';

/** Pure: turns the planner's commands into operations on znodes. */

type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

/** `checkpoints`: the results in which earlier attempts have left some, by task. */
export function assignOperations(
  { assignment }: CommandOf<'assign'>,
  epoch: number,
  checkpoints?: AssignmentRecord['checkpoints'],
): Operation[] {
  const { worker, id, batch, tasks, attempt, at } = assignment;
  const more = { ...grantOf(assignment), ...(checkpoints && { checkpoints }) };
  const data = encodeRecord('assignment', { batch, tasks, attempt, epoch, at, ...more });
  return [{ op: 'create', path: assignmentPath(worker, id), data }];
}

/** The fields of an assignment, besides its tasks, that stay as they were at its beginning. */
function grantOf({ timed, width, use, devices, rival, isCopy }: AssignmentFact): Partial<AssignmentRecord> {
  return {
    ...(timed && { timed }),
    ...(width === undefined ? {} : { width }),
    ...(use === undefined ? {} : { use }),
    ...(devices === undefined ? {} : { devices: mutable(devices) }),
    ...(rival === undefined ? {} : { rival }),
    ...(isCopy && { isCopy }),
  };
}

const mutable = (devices: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(devices).map(([name, ids]) => [name, [...ids]]));

/** The attempt beside which this one begins must be out still: the first operation fails where it is not. */
export function copyOperations(
  { assignment, beside }: CommandOf<'copy'>,
  epoch: number,
  others: Readonly<Record<string, unknown>>,
  checkpoints?: AssignmentRecord['checkpoints'],
): Operation[] {
  const { worker, id, batch, tasks, attempt, at } = beside;
  const data = encodeRecord('assignment', { ...others, batch, tasks, attempt, epoch, at, ...grantOf(beside) });
  return [
    { op: 'set', path: assignmentPath(worker, id), data },
    ...assignOperations({ kind: 'assign', assignment }, epoch, checkpoints),
  ];
}

/** The deletion comes first: if it fails with NO_NODE, the worker's last report was accepted before. */
export function revokeOperations({ assignment, ends, death }: CommandOf<'revoke'>, at: number): Operation[] {
  const { worker, id, batch, attempt } = assignment;
  const deletion: Operation = { op: 'delete', path: assignmentPath(worker, id) };
  if (ends.length === 0) return [deletion];
  const data = encodeEnd({ worker, ...(death === undefined ? {} : { death }), attempt, at, ends: [...ends] });
  return [deletion, { op: 'create', path: resultPath(batch, endName(id)), data }];
}

/**
 * `epoch`: that of the leader that asks. The other fields of the assignment stay, also `others`, which a later release
 * wrote.
 */
export function notifyOperations(
  { assignment, recall, cancel, exceeded, superseded, preempt, preemptGraceMs }: CommandOf<'notify'>,
  epoch: number,
  others: Readonly<Record<string, unknown>>,
): Operation[] {
  const { worker, id, batch, tasks, attempt, at } = assignment;
  const asked = {
    ...grantOf(assignment),
    ...(recall ? { recall } : {}),
    ...(cancel.length === 0 ? {} : { cancel }),
    ...(exceeded === undefined ? {} : { exceeded }),
    ...(preempt === undefined ? {} : { preempt, preemptGraceMs }),
    ...(superseded === undefined
      ? {}
      : { superseded: superseded.map(([index, winner]): [number, string] => [index, winner]) }),
  };
  const data = encodeRecord('assignment', { ...others, batch, tasks, attempt, epoch, at, ...asked });
  return [{ op: 'set', path: assignmentPath(worker, id), data }];
}

/** The requester of a change, and the reason. */
export interface Asked {
  by?: string | undefined;
  reason?: string | undefined;
}

/** The record names `leader` instead of a worker if no worker had the attempt. */
export function recordOperations(
  command: CommandOf<'record'>,
  { epoch, leader, at, by, reason }: { epoch: number; leader: string; at: number } & Asked,
): Operation[] {
  const { batch, attempt, ends, worker, reason: own } = command;
  const whose = worker === null ? { worker: leader, leader: true as const } : { worker };
  const theirs = { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
  const asked = worker !== null ? {} : own === undefined ? theirs : { reason: own };
  const data = encodeEnd({ ...whose, ...asked, attempt, at, ends: [...ends] });
  return [{ op: 'create', path: resultPath(batch, recordName(command, epoch)), data }];
}

export const recordName = ({ n }: { readonly n: number }, epoch: number): string =>
  resultName({ epoch, n, part: 'end' });

/**
 * Tasks of `batch` go on in a new batch. `body`: of this batch. The new one comes first, so that whatever is told of its
 * tasks finds them.
 */
export function moveOperations(
  command: CommandOf<'move'>,
  { header, body, context }: { header: BatchHeader; body: Batch; context: Parameters<typeof recordOperations>[1] },
): Operation[] {
  const { batch, requeued, n, ends, into } = command;
  const { id, queue, tasks } = into;
  const groups = tasks.map(({ group }) => group);
  const needs = [...new Set(groups.flatMap(featuresOf))].sort();
  const { at } = context;
  const moved = { queue, count: tasks.length, groups, at, client: header.client, ...(needs.length > 0 && { needs }) };
  const { deadLettersOf } = header;
  const payloads = tasks.map(({ index }) => body.payload(index) ?? 'null');
  const record = { kind: 'record', batch, attempt: 0, worker: null } as const;
  const again = ends.map(({ from, to }) => ({ from, to, outcome: 'requeued' as const }));
  return [
    {
      op: 'create',
      path: batchPath(id),
      data: encodeBatch({ ...moved, ...(deadLettersOf && { deadLettersOf }) }, payloads),
    },
    ...(header.finished === undefined ? [] : rewriteOperations(batch, reopenedHeader(header), body)),
    ...(requeued === null ? [] : recordOperations({ ...record, n: requeued, ends: again }, context)),
    ...recordOperations({ ...record, n, ends }, context),
  ];
}

/** The error of a dead letter. */
export interface KnownError {
  readonly name: string;
  readonly message: string;
}

/**
 * Starts a task for each dead letter, and says beside their batch that it was done. `id`: of the new batch; `errorOf`: as far
 * as this leader has heard it.
 */
export function tellDeadOperations(
  command: CommandOf<'tell-dead'>,
  id: BatchId,
  errorOf: (index: number) => KnownError | null,
  { epoch, leader, at }: Parameters<typeof recordOperations>[1],
): Operation[] {
  const { batch, queue, onDead, dead, n } = command;
  const payloads = dead.map(({ index, tenant, at: diedAt, ...rest }) => {
    const error = errorOf(index);
    const known = { ...(tenant !== NO_TENANT && { tenant }), ...(error !== null && { error }) };
    return JSON.stringify({ task: taskId(batch, index), queue, ...rest, diedAt, ...known });
  });
  const group = { ...DEFAULT_TASK_OPTIONS, type: onDead.type, count: dead.length };
  const to = onDead.queue ?? queue;
  const header = { queue: to, count: dead.length, groups: [group], at, client: leader, deadLettersOf: queue };
  const told = toRanges(dead.map(({ index }) => index));
  const note = encodeEnd({ worker: leader, leader: true, attempt: 0, at, ends: [], told });
  return [
    { op: 'create', path: resultPath(batch, recordName({ n }, epoch)), data: note },
    { op: 'create', path: batchPath(id), data: encodeBatch(header, payloads) },
  ];
}

/** The header of a finished batch. */
/** `epoch`: of this leader. */
export function finishedHeader(
  header: BatchHeader,
  command: CommandOf<'finish'>,
  { at, epoch }: { at: number; epoch: number },
): BatchHeader {
  const { succeeded, failed, attempts, cancelled, cancelledTasks, lastN } = command;
  const finished = { at, succeeded, failed: failed.length, cancelled };
  const kept = failed.length === 0 ? { kept: [] } : { kept: [...failed], attempts: [...attempts] };
  const { attempts: _before, cancelled: _those, ...rest } = header;
  const which = cancelledTasks === undefined ? {} : { cancelled: [...cancelledTasks] };
  const settled = lastN === undefined ? {} : { settled: originName({ epoch, n: lastN }) };
  return { ...rest, finished, ...kept, ...which, ...settled };
}

/** The header of a finished batch of which some dead letters are no more. */
export function purgedHeader(header: BatchHeader, command: CommandOf<'purge'>): BatchHeader {
  const { failed, attempts, cancelled, cancelledTasks, purged } = command;
  const { attempts: _before, cancelled: _those, finished, ...rest } = header;
  const counts = finished === undefined ? {} : { finished: { ...finished, failed: failed.length, cancelled } };
  const kept = failed.length === 0 ? { kept: [] } : { kept: [...failed], attempts: [...attempts] };
  const which = cancelledTasks === undefined ? {} : { cancelled: [...cancelledTasks] };
  return { ...rest, ...counts, ...kept, ...which, purged: [...purged] };
}

/** The header of a batch that is not finished any more; the payloads that were kept stay. */
export function reopenedHeader(header: BatchHeader): BatchHeader {
  const { finished: _finished, cancelled: _cancelled, ...rest } = header;
  return rest;
}

/** Writes the batch anew with the payloads that it keeps. `body`: as it was read; `null`: none is needed. */
export function rewriteOperations(batch: BatchId, header: BatchHeader, body: Batch | null): Operation[] {
  const payloads = payloadsOf(header).map((index) => body?.payload(index) ?? 'null');
  return [{ op: 'set', path: batchPath(batch), data: encodeBatch(header, payloads) }];
}

/**
 * Writes the batch anew, with these tasks erased: their payloads are `null`. `body`: as it was read.
 */
export function eraseOperation(batch: BatchId, header: BatchHeader, body: Batch): Operation {
  const erased = new Set(indexesOf(header.erased ?? []));
  const payloads = payloadsOf(header).map((index) => (erased.has(index) ? 'null' : (body.payload(index) ?? 'null')));
  return { op: 'set', path: batchPath(batch), data: encodeBatch(header, payloads) };
}

/** The header of a batch of which these tasks are erased, too. */
export function erasedHeader(header: BatchHeader, indexes: readonly number[]): BatchHeader {
  const erased = new Set([...indexesOf(header.erased ?? []), ...indexes]);
  const needs = new Set([...(header.needs ?? []), ERASE]);
  return { ...header, erased: toRanges([...erased].sort((a, b) => a - b)), needs: [...needs].sort() };
}

/**
 * Everything below a batch and then the batch, in pieces that fit a multi each. `last`: the key of the request that made the
 * batch and the batch itself, in one transaction: as long as there is one of the two, there is the other.
 */
export function removeOperations(
  below: readonly string[],
  last: readonly Operation[],
  pieceSize: number,
): Operation[][] {
  const pieces: Operation[][] = [];
  for (let from = 0; from < below.length; from += pieceSize)
    pieces.push(below.slice(from, from + pieceSize).map((path): Operation => ({ op: 'delete', path })));
  const open = pieces.at(-1);
  if (open !== undefined && open.length + last.length <= pieceSize) open.push(...last);
  else pieces.push([...last]);
  return pieces;
}

/** The name of the result with which a leader ends the assignment. */
export function endName(assignment: AssignmentFact['id']): string {
  const origin = parseAssignmentName(assignment);
  return origin === null ? `${assignment}.end` : `${originName(origin)}.end`;
}
