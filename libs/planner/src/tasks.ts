import {
  indexesOf,
  isFinal,
  isLeaderDecided,
  NO_PROGRESS,
  type BatchId,
  type Outcome,
  type Progress,
  type Range,
  type TaskState,
} from '@drover/core';
import type { Lifetime } from './lifetimes.js';
import type { QueueState } from './queue-state.js';
import type { SubQueue } from './sub-queue.js';
import type { BatchFact, Group, PinnedFact } from './model.js';
import type { Account } from './retention.js';

/**
 * The place of a task, as one byte; `STATES` says which state of the table in core that is. A new place needs no order:
 * who asks whether a task waits or is over asks that table. `fresh` is what an array is made of, so it is 0.
 */
export const PLACE = {
  /** Never out yet: the cursor of its run will come to it, when the run is due. */
  fresh: 0,
  /** Was out before, or was set aside, and is due; named by its sub-queue. */
  again: 1,
  /** Was out at a worker that died, and is due; named by the suspects. */
  suspect: 2,
  /** Due later; named by the heap of due times. */
  retrying: 3,
  /** Held by an assignment. */
  out: 4,
  succeeded: 5,
  failed: 6,
  cancelled: 7,
  /** Due, and a limit has no room for it; named by its strand. */
  limited: 8,
  /** Due, and an earlier task of its sequence has not ended; named by the sequence. */
  behind: 9,
} as const;
export type PlaceName = keyof typeof PLACE;
export type Place = (typeof PLACE)[PlaceName];

/** The state that a task is in by its place. A fresh task of a run that is not due is `scheduled`. */
const STATES: Readonly<Record<PlaceName, Exclude<TaskState, 'running'>>> = {
  fresh: 'pending',
  again: 'pending',
  suspect: 'pending',
  retrying: 'retrying',
  out: 'assigned',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  limited: 'pending',
  behind: 'pending',
};

const STATE_AT = Object.entries(PLACE)
  .sort(([, a], [, b]) => a - b)
  .map(([name]) => STATES[name as PlaceName]);
const FINAL_AT = STATE_AT.map(isFinal);

export const stateOfPlace = (place: Place): Exclude<TaskState, 'running'> => STATE_AT[place] ?? 'pending';
export const isFinalPlace = (place: Place): boolean => FINAL_AT[place] === true;

/** Batches of so few tasks are many, and typed arrays cost the collector more than their bytes. */
const FEW_TASKS = 8;
/** As many as a byte holds; the leader bounds them far below. */
const MOST_PREEMPTIONS = 255;

/** The memory of the tasks of one batch: 5 bytes each, 4 more when an attempt has gone wrong, 2 more where one is to run later, 1 more where one made room. */
export class TaskTable {
  readonly #places: Uint8Array | number[];
  /** The assignment that holds the task, by its number here; 0: none. */
  readonly #holders: Uint32Array | number[];
  #attempts: Uint16Array | null = null;
  #failures: Uint8Array | null = null;
  #losses: Uint8Array | null = null;
  #later: Uint16Array | null = null;
  #preemptions: Uint8Array | null = null;
  /** Since when tasks wait that came back, or were released late; 0: since they were due first. */
  #since: Float64Array | number[] | null = null;
  /** As in `BatchFact`. */
  unaccounted = 0;

  constructor(count: number) {
    this.#places = count > FEW_TASKS ? new Uint8Array(count) : zeros(count);
    this.#holders = count > FEW_TASKS ? new Uint32Array(count) : zeros(count);
  }

  place(index: number): Place {
    return (this.#places[index] ?? PLACE.fresh) as Place;
  }

  /** The ledger's business alone. */
  setPlace(index: number, place: Place): void {
    this.#places[index] = place;
  }

  holder(index: number): number {
    return this.#holders[index] ?? 0;
  }

  /** The ledger's business alone. */
  setHolder(index: number, seq: number): void {
    this.#holders[index] = seq;
  }

  /** Tasks `[from, to)` go out with an assignment. The ledger's business alone. */
  hold(from: number, to: number, seq: number): void {
    if (to === from + 1) {
      this.#places[from] = PLACE.out;
      this.#holders[from] = seq;
      return;
    }
    this.#places.fill(PLACE.out, from, to);
    this.#holders.fill(seq, from, to);
  }

  /** Those of `[from, to)` that the assignment holds succeeded; answers how many. The ledger's business alone. */
  succeed(from: number, to: number, seq: number): number {
    let count = 0;
    for (let index = from; index < to; index++) {
      if (this.#holders[index] !== seq) continue;
      this.#holders[index] = 0;
      this.#places[index] = PLACE.succeeded;
      count++;
    }
    return count;
  }

  progress(index: number): Progress {
    const attempt = this.#attempts?.[index];
    if (attempt === undefined || attempt === 0) return NO_PROGRESS;
    const [failures, losses] = [this.#failures?.[index] ?? 0, this.#losses?.[index] ?? 0];
    const preemptions = this.#preemptions?.[index] ?? 0;
    return { attempt, failures, losses, later: this.#later?.[index] ?? 0, preemptions };
  }

  /** 0: since it was due first. */
  since(index: number): number {
    return this.#since?.[index] ?? 0;
  }

  /** The ledger's business alone. */
  setSince(from: number, to: number, at: number): void {
    const count = this.#places.length;
    (this.#since ??= count > FEW_TASKS ? new Float64Array(count) : zeros(count)).fill(at, from, to);
  }

  setProgress(index: number, { attempt, failures, losses, later, preemptions }: Progress): void {
    const count = this.#places.length;
    (this.#attempts ??= new Uint16Array(count))[index] = attempt;
    (this.#failures ??= new Uint8Array(count))[index] = failures;
    (this.#losses ??= new Uint8Array(count))[index] = losses;
    if (later > 0 || this.#later !== null) (this.#later ??= new Uint16Array(count))[index] = later;
    if (preemptions > 0 || this.#preemptions !== null)
      (this.#preemptions ??= new Uint8Array(count))[index] = Math.min(preemptions, MOST_PREEMPTIONS);
  }
}

function zeros(count: number): number[] {
  const list: number[] = [];
  for (let n = 0; n < count; n++) list.push(0);
  return list;
}

/**
 * Consecutive tasks of a batch that go the same way: one sub-queue, one delay, one `expires`, one `deadline`. `next` is
 * a cursor: tasks before it have been looked at. `waiting` counts those that have never been out; they are pending once
 * the run is `due`.
 */
export interface Run {
  readonly batch: BatchState;
  readonly sub: SubQueue;
  readonly from: number;
  readonly to: number;
  next: number;
  waiting: number;
  due: boolean;
}

/** How the last attempt of a failed task ended, and when that was written. */
export interface Death {
  readonly outcome: Outcome;
  readonly at: number;
}

/** The rest of a finished batch. */
export interface Finished {
  readonly at: number;
  /** Indexes of the failed tasks and their last attempts. */
  readonly failed: readonly number[];
  readonly attempts: readonly number[];
  /** Which were cancelled, where the counts do not tell; null: not known. */
  readonly cancelledTasks: readonly Range[] | null;
}

/**
 * A batch costs a few objects until tasks of it go out: groups and cursors. The table of its tasks is made then, and
 * dropped when the batch is finished. Its counters are changed by the ledger alone.
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
  /** Some task may expire, or has a deadline. */
  readonly isLimited: boolean;
  /** The transaction that created it, if some task has a unique key of which the leader decides; else null. */
  readonly order: bigint | null;
  /** The transaction that created it, if some task waits for others; else null. */
  readonly waitsFrom: bigint | null;
  /** The transaction that created it, if some task has a sequence; else null. */
  readonly sequenced: bigint | null;
  /** Failed tasks that block their sequences: it is not finished before they were retried or cancelled. */
  blocking = 0;
  /** As in `ClassFields`. */
  readonly needs: readonly string[];
  readonly groups: readonly Group[];
  /**
   * Its ends are told, and some of its tasks may wait until they are released: by index, behind what. Null: neither.
   */
  readonly watch: ReadonlyMap<number, string> | null;
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
  /** Keys of its failed tasks that are being taken again. */
  claims = 0;
  /** Why it is kept; see `Retention`. */
  keptIn: Account | null = null;
  /** A batch that is not finished has tasks that wait, or have waited, for tasks of it. */
  isAwaited = false;
  /** Retention keeps it until it is let go. */
  isKept: boolean;
  /** As in `BatchFact`. */
  readonly isStep: boolean;
  /** As in `BatchFact`; false once it was activated. */
  isDraft: boolean;
  /** Delays and times of its tasks count from here: the submit; of a draft the moment when it is activated, Infinity before. */
  countsFrom: number;
  /** As in `BatchFact`; null: any worker may run its tasks. */
  readonly pinned: PinnedFact | null;
  /** It was finished by an earlier version and reopened: which of its other tasks were cancelled is not known. */
  blurred = false;
  /** When tasks are due that somebody changed; null: none. */
  setDue: Map<number, number> | null = null;
  /** Dead letters that somebody purged: they count as cancelled here, and are none to whoever asks. */
  purged: readonly Range[];
  /** Tasks that somebody has erased: they do not run again; null: none. */
  erased: Set<number> | null;
  /** Its tasks that have failed for good since it was last finished, of which nobody was told; null: none. */
  deaths: Map<number, Death> | null = null;
  /** As in `BatchFact`. */
  readonly isForDead: boolean;
  /** A result is being told that is settled. */
  isSettling = false;
  /** As in `BatchFact`, without those that were retried; null: none. */
  readonly diedBefore: Set<number> | null;
  /** Tasks whose time began anew with a retry by hand; none in batches that are not limited. */
  again: readonly Lifetime[] = NO_LIFETIMES;

  constructor(fact: BatchFact) {
    this.id = fact.id;
    this.queueName = fact.queue;
    this.groups = fact.groups;
    this.submittedAt = fact.submittedAt;
    this.countsFrom = fact.isDraft === true ? Infinity : fact.submittedAt;
    this.isKept = fact.isKept === true;
    this.isStep = fact.isStep === true;
    this.isDraft = fact.isDraft === true;
    this.bytes = fact.bytes;
    this.purged = fact.purged ?? NOT_PURGED;
    this.erased = fact.erased === undefined ? null : new Set(indexesOf(fact.erased));
    this.isForDead = fact.isForDead === true;
    this.pinned = fact.pinned ?? null;
    this.diedBefore = fact.finished !== undefined || fact.diedBefore === undefined ? null : new Set(fact.diedBefore);
    this.keyed = fact.groups.some(({ key }) => key !== null);
    this.order = fact.groups.some(({ unique }) => isLeaderDecided(unique)) ? (fact.order ?? 0n) : null;
    this.waitsFrom = fact.groups.some(({ after }) => after !== null) ? (fact.order ?? 0n) : null;
    this.sequenced = fact.groups.some(({ sequence }) => sequence !== null) ? (fact.order ?? 0n) : null;
    this.isLimited = fact.groups.some(({ expiresMs, deadlineMs }) => expiresMs !== null || deadlineMs !== null);
    this.needs = fact.needs === undefined ? NO_NEEDS : [...new Set(fact.needs)].sort();
    this.watch = watchOf(fact);
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

  /** It has the task, and nobody has purged it. */
  hasTask(index: number): boolean {
    return this.has(index) && !this.isPurged(index);
  }

  isPurged(index: number): boolean {
    return this.purged.length > 0 && this.purged.some(([from, to]) => from <= index && index < to);
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

  /** Of a finished batch it is only known that the task has ended; sub-queues may still name it. */
  place(index: number): Place {
    if (this.finished !== null) return PLACE.succeeded;
    return this.#table === null ? PLACE.fresh : this.#table.place(index);
  }

  isOver(index: number): boolean {
    return isFinalPlace(this.place(index));
  }

  /** When the delay of the task was over, or will be: what comes later than that is another matter. */
  firstDueAt(index: number): number {
    return this.countsFrom + this.groupAt(index).delayMs;
  }

  /** Since when the task waits, while it is pending: since it was due, was released, or came back. */
  waitsSince(index: number): number {
    return this.#table?.since(index) || this.firstDueAt(index);
  }

  losses(index: number): number {
    return this.#table?.progress(index).losses ?? 0;
  }

  /** The number of the task's next attempt. */
  nextAttempt(index: number): number {
    return this.#table === null ? 1 : this.#table.progress(index).attempt + this.#table.unaccounted + 1;
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

function watchOf({ watch, isStep }: BatchFact): ReadonlyMap<number, string> | null {
  if (watch === undefined) return isStep === true ? NONE_HELD : null;
  return new Map(watch.held.map(({ index, behind }) => [index, behind]));
}

const NONE_HELD: ReadonlyMap<number, string> = new Map();
const NO_RUNS: readonly Run[] = [];
const NOT_PURGED: readonly Range[] = [];
const NO_LIFETIMES: readonly Lifetime[] = [];
const NO_NEEDS: readonly string[] = [];

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
