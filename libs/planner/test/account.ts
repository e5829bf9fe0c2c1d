import type { Progress, Range } from '@drover/core';
import type { AssignmentFact, BatchFact, FinishedFact, Group, ResultFact, Superseded } from '../src/model.js';

/** The account that `World` keeps of batches and assignments; laws look at it. */

/** `unreported`: its assignment is over, and no report tells how it ended. */
export type TrueState = 'waiting' | 'out' | 'unreported' | 'succeeded' | 'failed' | 'cancelled';

export interface WorldBatch {
  readonly fact: BatchFact;
  readonly count: number;
  readonly history: ResultFact[];
  /** So many of these were there when it was finished last. */
  settled: number;
  finished: FinishedFact | null;
  /** Since it was finished last: a keyed task of it was retried. */
  openedByClaim: boolean;
  readonly progress: Progress[];
  readonly states: TrueState[];
  readonly dueAt: number[];
  /** Its submit; of a draft when this planner activated it, Infinity before. */
  countsFrom: number;
  /** When its life began: the submit, or the last retry by hand; of a draft as `countsFrom`. */
  readonly lifeFrom: number[];
  /** Tasks that were out at some time. */
  readonly begun: Set<number>;
  /** Its failed tasks; `closed`: its batch was finished, and nobody was told before. */
  readonly deaths: Map<number, 'untold' | 'told' | 'closed'>;
}

export interface WorldAssignment {
  readonly fact: AssignmentFact;
  readonly open: Set<number>;
  recall: boolean;
  cancel: readonly Range[];
  exceeded: readonly Range[];
  superseded: readonly Superseded[];
  preempt: readonly Range[];
}

export const isEnd = (state: string | undefined): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled';

export function groupAt({ groups }: BatchFact, index: number): Group {
  let end = 0;
  for (const group of groups) {
    end += group.count;
    if (index < end) return group;
  }
  throw new Error(`no task ${index}`);
}

export function check(holds: boolean, law: string): void {
  if (!holds) throw new Error(`the planner ${law}`);
}
