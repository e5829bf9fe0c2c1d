import { featuresOf, LIMITS, type BatchId } from '@drover/core';
import type { NewStepBatch } from '@drover/flow';
import {
  batchPath,
  encodeBatch,
  encodeFlow,
  encodeNotes,
  FIRE_RUNS,
  flowKeyQueue,
  flowPath,
  FLOWS,
  keyPath,
  notePath,
  type BatchHeader,
  type FlowHeader,
  type NoteRecord,
} from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';

/** Pure: the operations that make decisions about flows true. */

/** `client`: the leader. `isFired`: some are steps of a fire of a schedule, and workers must tell their handlers so. */
export function stepsHeader(
  { queue, groups, of }: NewStepBatch,
  { at, client, isFired }: { at: number; client: string; isFired: boolean },
): BatchHeader {
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const needs = [...new Set([FLOWS, ...(isFired ? [FIRE_RUNS] : []), ...groups.flatMap(featuresOf)])].sort();
  return { queue, count, groups: [...groups], at, client, of: [...of], needs };
}

export function startOperation(id: BatchId, header: BatchHeader): Operation & { data: string } {
  return { op: 'create', path: batchPath(id), data: encodeBatch(header, []) };
}

/**
 * A note of a flow. The unique key of its one run is free when the run has ended: in the same transaction, so that nobody
 * dies in between. Nobody but the leader removes keys.
 */
export function noteOperations(
  flow: BatchId,
  { name, notes }: { name: string; notes: readonly NoteRecord[] },
  header: FlowHeader,
): Operation[] {
  const create: Operation = { op: 'create', path: notePath(flow, name), data: encodeNotes(notes) };
  const isOver = header.key !== undefined && notes.some(({ kind }) => kind === 'ended');
  return isOver ? [create, { op: 'delete', path: keyOf(header) }] : [create];
}

export const keyOf = ({ name, key = '' }: FlowHeader): string => keyPath(flowKeyQueue(name), key);

export const flowOperation = (flow: BatchId, header: FlowHeader, inputs: readonly string[]): Operation => ({
  op: 'set',
  path: flowPath(flow),
  data: encodeFlow(header, inputs),
});

/** The notes, and then the flow, in pieces that fit a transaction each. */
export function removeFlowOperations(flow: BatchId, notes: readonly string[]): Operation[][] {
  const paths = [...notes.map((note) => notePath(flow, note)), flowPath(flow)];
  const pieces: Operation[][] = [];
  for (let from = 0; from < paths.length; from += LIMITS.multiOperations - 1)
    pieces.push(
      paths.slice(from, from + LIMITS.multiOperations - 1).map((path): Operation => ({ op: 'delete', path })),
    );
  return pieces;
}
