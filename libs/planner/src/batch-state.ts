import type { BatchId } from '@drover/core';
import type { Lane, QueueState } from './lanes.js';
import type { BatchFact, Group } from './model.js';
import { TASK, TaskTable, type TaskCode } from './task-table.js';

/**
 * Consecutive tasks of a batch that go the same way: one lane, one delay. `next` is a cursor: tasks before it have been
 * looked at. `waiting` counts those that have never been out; they are pending in the lane once the run is `due`.
 */
export interface Run {
  readonly batch: BatchState;
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  next: number;
  waiting: number;
  due: boolean;
}

/** What stays of a finished batch. */
export interface Finished {
  readonly at: number;
  /** Indexes of the failed tasks and their last attempts. */
  readonly failed: readonly number[];
  readonly attempts: readonly number[];
}

/**
 * A batch costs a few objects until tasks of it go out: groups and cursors. The table of its tasks is made then, and
 * dropped when the batch is finished.
 */
export class BatchState {
  readonly id: BatchId;
  readonly queueName: string;
  readonly count: number;
  readonly submittedAt: number;
  /** Of its payloads: all of them, or once it is finished those that are kept, about. */
  bytes: number;
  /** Some task has a key. */
  readonly keyed: boolean;
  readonly groups: readonly Group[];
  readonly #starts: readonly number[];
  #queue: QueueState | null = null;
  #runs: readonly Run[] = NO_RUNS;
  #table: TaskTable | null = null;

  succeeded = 0;
  failed = 0;
  cancelled = 0;
  /** Assignments that exist for it. */
  assignments = 0;
  finished: Finished | null = null;
  removed = false;
  /** Keys of its failed tasks that are being taken again; see `claims.ts`. */
  claims = 0;
  /** Why it is kept; see `Retention`. */
  keptIn: 'dead' | 'plain' | null = null;
  /** It was finished and reopened: which of its other tasks succeeded and which were cancelled is not known any more. */
  blurred = false;

  constructor(fact: BatchFact) {
    this.id = fact.id;
    this.queueName = fact.queue;
    this.groups = fact.groups;
    this.submittedAt = fact.submittedAt;
    this.bytes = fact.bytes;
    this.keyed = fact.groups.some(({ key }) => key !== null);
    this.#starts = fact.groups.length === 1 ? ONE_START : startsOf(fact.groups);
    this.count = (this.#starts.at(-1) ?? 0) + (fact.groups.at(-1)?.count ?? 0);
  }

  /** It is in a queue exactly while it is not finished: finished batches keep no queue in memory. */
  get queue(): QueueState {
    if (this.#queue === null) throw new Error(`batch ${this.id} is in no queue`);
    return this.#queue;
  }

  /** Ascending, without gaps; none while it is in no queue. */
  get runs(): readonly Run[] {
    return this.#runs;
  }

  enter(queue: QueueState, runs: readonly Run[]): void {
    this.#queue = queue;
    this.#runs = runs;
  }

  leave(): void {
    this.#queue = null;
    this.#runs = NO_RUNS;
  }

  get ended(): boolean {
    return this.succeeded + this.failed + this.cancelled === this.count;
  }

  has(index: number): boolean {
    return Number.isInteger(index) && index >= 0 && index < this.count;
  }

  /** Null while none of its tasks was ever out, ended or cancelled. */
  get table(): TaskTable | null {
    return this.#table;
  }

  /** The table, made now if there is none. */
  touch(): TaskTable {
    return (this.#table ??= new TaskTable(this.count));
  }

  forget(): void {
    this.#table = null;
  }

  /** Of a finished batch it is only known that the task has ended; lanes may still name it. */
  code(index: number): TaskCode {
    if (this.finished !== null) return TASK.succeeded;
    return this.#table === null ? TASK.waiting : this.#table.code(index);
  }

  groupAt(index: number): Group {
    const group = this.groups[lastAtMost(this.#starts.length, (at) => this.#starts[at] ?? 0, index)];
    if (group === undefined) throw new RangeError(`index ${index} of a batch of ${this.count} tasks`);
    return group;
  }

  runAt(index: number): Run {
    const run = this.runs[lastAtMost(this.runs.length, (at) => this.runs[at]?.from ?? 0, index)];
    if (run === undefined) throw new RangeError(`index ${index} of a batch of ${this.count} tasks`);
    return run;
  }
}

const NO_RUNS: readonly Run[] = [];

/** Shared by all batches of like tasks: a million of them may be pending. */
const ONE_START: readonly number[] = [0];

function startsOf(groups: readonly Group[]): number[] {
  let end = 0;
  return groups.map(({ count }) => (end += count) - count);
}

/** The last position in `[0, length)` whose start is at most `wanted`; starts ascend from 0. */
function lastAtMost(length: number, startAt: (position: number) => number, wanted: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (startAt(middle) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
