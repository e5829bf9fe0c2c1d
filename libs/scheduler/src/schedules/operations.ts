import { featuresOf } from '@drover/core';
import type { BatchFact } from '@drover/planner';
import {
  batchPath,
  encodeBatch,
  encodeRecord,
  calendarPath,
  FIRES,
  scheduleStatePath,
  schedulesPath,
  type BatchHeader,
  type ChangeRecord,
} from '@drover/protocol';
import type { NewBatch, PageDraft } from '@drover/schedules';
import type { Operation } from '@drover/zookeeper';

/** Pure: what drafts of pages and batches of fires are in znodes. */

export function draftOperations(draft: PageDraft): Operation[] {
  const { page, entries, hasNewLines } = draft;
  const [path, statePath] = [schedulesPath(page.id), scheduleStatePath(page.id)];
  if (entries.size === 0)
    return page.isNew
      ? []
      : [
          { op: 'delete', path: statePath },
          { op: 'delete', path },
        ];
  const state = { path: statePath, data: draft.states };
  if (page.isNew)
    return [
      { op: 'create', path, data: draft.lines },
      { op: 'create', ...state },
    ];
  return hasNewLines
    ? [
        { op: 'set', path, data: draft.lines },
        { op: 'set', ...state },
      ]
    : [{ op: 'set', ...state }];
}

/** `client`: the leader. */
export function headerOf({ queue, groups, fires }: NewBatch, at: number, client: string): BatchHeader {
  const needs = [...new Set([FIRES, ...groups.flatMap(featuresOf)])].sort();
  return { queue, count: fires.length, groups: [...groups], at, client, fires: [...fires], needs };
}

export function batchOperation({ id, payloads }: NewBatch, header: BatchHeader): Operation & { data: string } {
  return { op: 'create', path: batchPath(id), data: encodeBatch(header, payloads) };
}

/** The facts of a batch of fires for the planner: who waits, and that the ends are waited for. */
export function watchOf({ fires = [] }: Pick<BatchHeader, 'fires'>): NonNullable<BatchFact['watch']> {
  return {
    held: fires.flatMap(({ wait, schedule }, index) =>
      wait === undefined ? [] : [{ index, behind: `an earlier fire of schedule ${schedule}` }],
    ),
  };
}

export function calendarOperation(
  name: string,
  dates: readonly string[],
  isKnown: boolean,
  changedBy: ChangeRecord,
): Operation {
  const data = encodeRecord('calendar', { dates, changedBy });
  return { op: isKnown ? 'set' : 'create', path: calendarPath(name), data };
}
