import type { BatchId } from '@drover/core';
import type { DraftRecord } from '@drover/protocol';
import type { FlowState } from './flow-state.js';
import type { ReportFact } from './model.js';

/** Consecutive tasks of a batch: a step of the runs from `run` on, or its items from `item` on of that run. */
export interface Entry {
  readonly batch: KnownBatch;
  /** The first task. */
  readonly index: number;
  readonly count: number;
  readonly flowId: BatchId;
  readonly stepName: string;
  readonly generation: number;
  readonly run: number;
  /** Of an open map it follows from the order of its drafts. */
  item: number | null;
  /** Null: the flow is not folded yet. */
  flow: FlowState | null;
  step: number;
}

/** A batch whose tasks are steps of runs, or items that wait for a map. */
export interface KnownBatch {
  readonly id: BatchId;
  readonly count: number;
  readonly entries: Entry[];
  /** Null: it is a batch of steps. */
  readonly draft: DraftRecord | null;
  /** The transaction that created a draft. */
  readonly order: bigint;
  /** Of a draft: it was handed out, in this term or before; and: this term has handed it out. */
  isActive: boolean;
  isOut: boolean;
  /** How tasks have ended whose flow is not folded yet, as codes of steps; 0: they have not. */
  ends: Uint8Array | null;
  reports: ReportFact[] | null;
  /** Tasks of which a report said that they skipped themselves, and that nobody has told the end of yet. */
  skipped: Set<number> | null;
  /** Flows that need it. */
  holders: number;
}

/** The entry of a task; entries are in the order of the tasks. */
export function entryOf({ entries }: KnownBatch, index: number): Entry | null {
  let low = 0;
  let high = entries.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((entries[middle]?.index ?? Infinity) <= index) low = middle;
    else high = middle - 1;
  }
  const entry = entries[low];
  return entry === undefined || index < entry.index || index >= entry.index + entry.count ? null : entry;
}

/** The place of the task in the flow. */
export const runOf = (entry: Entry, index: number): number =>
  entry.item === null ? entry.run + index - entry.index : entry.run;
export const itemOf = (entry: Entry, index: number): number | null =>
  entry.item === null ? null : entry.item + index - entry.index;
