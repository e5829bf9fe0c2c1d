import { indexesOf } from '@drover/core';
import type { BatchState } from './batch-state.js';
import type { AssignmentFact, RevokeReason } from './model.js';
import type { Death } from './suspects.js';
import type { WorkerState } from './workers.js';

/** Tasks that are out: from the `assign` until the last report, or until its revocation is told. */
export interface Assignment {
  /** Its number in this planner; what the task tables know it by. */
  readonly seq: number;
  readonly fact: AssignmentFact;
  readonly batch: BatchState;
  readonly worker: WorkerState;
  readonly type: string;
  /** Its tasks that have not ended. */
  open: number;
  /** The longest of its tasks' timeouts; null: some task has none. */
  readonly timeoutMs: number | null;
  recalled: boolean;
  /** Tasks that it handed back while it was being taken away: the revocation counts, if it comes in time. */
  readonly handedBack: Set<number>;
  /** Tasks that were asked to be cancelled. */
  readonly cancelled: Set<number>;
  /** Its tasks are suspects of this death; null: they are none. */
  suspects: Death | null;
  /** Its one task is a suspect that runs alone. */
  isAlone: boolean;
  /** Its worker died with it: what it holds is suspected. Null: the worker lives, or left in order. */
  lostIn: Death | null;
  /** Its revocation was commanded, and is not told yet. */
  revoking: RevokeReason | null;
  /** Its znode is gone although no last report was told: the report is under way. */
  gone: boolean;
}

/** The tasks that it holds still, ascending. */
export function heldBy({ fact, batch, seq }: Assignment): number[] {
  return [...indexesOf(fact.tasks)].filter((index) => batch.table?.holder(index) === seq);
}

/** The assignments that exist, by id and by number. */
export class AssignmentBook {
  readonly #byId = new Map<string, Assignment>();
  readonly #bySeq = new Map<number, Assignment>();
  #lastSeq = 0;

  add(fields: Omit<Assignment, 'seq'>): Assignment {
    const assignment = { ...fields, seq: ++this.#lastSeq };
    this.#byId.set(assignment.fact.id, assignment);
    this.#bySeq.set(assignment.seq, assignment);
    assignment.worker.assignments.add(assignment);
    assignment.batch.assignments++;
    return assignment;
  }

  remove(assignment: Assignment): void {
    this.#byId.delete(assignment.fact.id);
    this.#bySeq.delete(assignment.seq);
    assignment.worker.assignments.delete(assignment);
    assignment.batch.assignments--;
  }

  byId(id: string): Assignment | undefined {
    return this.#byId.get(id);
  }

  bySeq(seq: number): Assignment | undefined {
    return this.#bySeq.get(seq);
  }
}
