import {
  countOf,
  RecordError,
  taskId,
  type BatchId,
  type Range,
  type TaskFire,
  type TaskId,
  type TraceContext,
} from '@drover/core';
import {
  encodeWinner,
  parseAssignmentName,
  taskFire,
  traceAt,
  type AssignmentRecord,
  type Batch,
  type Origin,
  type TaskGroup,
} from '@drover/protocol';
import type { Ended } from './ended.js';

/**
 * An assignment in the worker's hands. Its tasks are named by their position in it. A position is waiting, begun, or
 * ended; what has ended is `fresh` until a report has taken it.
 */
export class Work {
  readonly name: string;
  readonly path: string;
  readonly batchId: BatchId;
  readonly origin: Origin;
  readonly attempt: number;
  /** The transaction that made the assignment: ZooKeeper itself orders attempts by it. */
  readonly fencingToken: bigint;
  /** Why this worker may run nothing of it: the assignment or the batch needs what it does not understand. */
  readonly refusal: RecordError | null;
  /** The leader asks how long each task takes. */
  readonly isTimed: boolean;
  /** How long tasks took that no report has told of yet, each by itself. Only where the leader asks. */
  busyMs = 0;
  /** Index in the batch, by position. */
  readonly indexes: readonly number[];
  readonly #batch: Batch;
  readonly #options: readonly TaskGroup[];
  readonly #ends: (Ended | undefined)[];
  #fresh: number[] = [];
  #winners: ReadonlyMap<number, TaskId> = NO_WINNERS;
  #next = 0;
  #ended = 0;
  /** Reports made so far. */
  parts = 0;
  /** Monotonic time since when something is fresh. */
  freshSinceMs: number | null = null;
  /** Monotonic times: when it came to this worker, when its first task began, when one ended last. */
  arrivedMs: number | null = null;
  begunMs: number | null = null;
  endedMs = 0;
  /** The assignment is gone, or its last report is accepted: nothing of it matters any more. */
  isOver = false;

  /** Throws `RecordError` where the assignment does not fit its name or the batch. */
  constructor(
    path: string,
    record: AssignmentRecord,
    fencingToken: bigint,
    batch: Batch,
    refusal: RecordError | null = null,
  ) {
    this.path = path;
    this.refusal = refusal;
    this.name = path.slice(path.lastIndexOf('/') + 1);
    const parsed = parseAssignmentName(this.name);
    if (parsed?.batch !== record.batch) throw new RecordError(path, `is of batch ${record.batch}`);
    assertRanges(path, record.tasks, batch.header.count);
    this.batchId = parsed.batch;
    this.origin = { epoch: parsed.epoch, n: parsed.n };
    this.attempt = record.attempt;
    this.fencingToken = fencingToken;
    this.isTimed = record.timed === true;
    this.indexes = indexList(record.tasks);
    this.#batch = batch;
    this.#options = groupsOf(this.indexes, batch.header.groups);
    this.#ends = new Array<Ended | undefined>(this.indexes.length).fill(undefined);
  }

  get queue(): string {
    return this.#batch.header.queue;
  }

  /** Of its first task: a leader gives tasks of one tenant and one priority together. */
  get tenant(): string {
    return this.optionsAt(0).tenant;
  }
  get priority(): number {
    return this.optionsAt(0).priority;
  }

  get size(): number {
    return this.indexes.length;
  }

  /** Every task has ended. */
  get isComplete(): boolean {
    return this.#ended === this.indexes.length;
  }

  /** Tasks that have ended. */
  get ended(): number {
    return this.#ended;
  }

  get fresh(): number {
    return this.#fresh.length;
  }

  /** The next position that waits, `null` where all have begun or ended. */
  peek(): number | null {
    while (this.#next < this.indexes.length && this.#ends[this.#next] !== undefined) this.#next++;
    return this.#next < this.indexes.length ? this.#next : null;
  }

  /** The position of `peek` begins. `nowMs`: monotonic. */
  begin(nowMs: number): void {
    this.begunMs ??= nowMs;
    this.#next++;
  }

  taskAt(position: number): TaskId {
    return taskId(this.batchId, this.#indexAt(position));
  }

  optionsAt(position: number): TaskGroup {
    const options = this.#options[position];
    if (options === undefined) throw this.#noPosition(position);
    return options;
  }

  /** Which fire of a schedule it is; `undefined`: none. */
  fireAt(position: number): TaskFire | undefined {
    const { fires } = this.#batch.header;
    const fire = fires?.[this.#indexAt(position)];
    return fire === undefined ? undefined : taskFire(fire);
  }

  /** Some of the batch is traced. */
  get isTraced(): boolean {
    return this.#batch.header.traces !== undefined;
  }

  /** Its trace context, as of the submit; `undefined`: it is not traced. */
  traceAt(position: number): TraceContext | undefined {
    const { traces } = this.#batch.header;
    return traces === undefined ? undefined : traceAt(traces, this.#indexAt(position));
  }

  /** JSON text; `undefined` where a finished batch no longer has it. */
  payloadAt(position: number): string | undefined {
    return this.#batch.payload(this.#indexAt(position));
  }

  /** The first end of a position counts. `nowMs`: monotonic. */
  end(position: number, ended: Ended, nowMs: number): void {
    if (this.isOver || this.#ends[position] !== undefined) return;
    this.#ends[position] = ended;
    this.#ended++;
    this.#fresh.push(position);
    this.freshSinceMs ??= nowMs;
    this.endedMs = Math.max(this.endedMs, nowMs);
  }

  /** Another end than the one that could not be reported. */
  replaceEnd(position: number, ended: Ended): void {
    this.#ends[position] = ended;
  }

  endAt(position: number): Ended {
    const end = this.#ends[position];
    if (end === undefined) throw new RangeError(`position ${position} of ${this.name} has not ended`);
    return end;
  }

  /** Ends every position that waits. Returns how many. */
  endWaiting(
    outcome: 'returned' | 'cancelled' | 'superseded' | 'exceeded',
    nowMs: number,
    isConcerned: (position: number) => boolean,
  ): number {
    let count = 0;
    for (let position = this.#next; position < this.indexes.length; position++) {
      if (this.#ends[position] !== undefined || !isConcerned(position)) continue;
      const line = outcome === 'superseded' ? this.winnerLine(position, 0) : null;
      this.end(position, { outcome, line }, nowMs);
      count++;
    }
    return count;
  }

  /** These tasks, by their index in the batch, are to end for others that run in their place. */
  supersede(winners: Iterable<readonly [index: number, winner: TaskId]>): void {
    this.#winners = new Map([...this.#winners, ...winners]);
  }

  /** The line of the result for the position, which ends as superseded. `ms`: how long its handler ran. */
  winnerLine(position: number, ms: number): string {
    return encodeWinner(this.#winners.get(this.#indexAt(position)) ?? '', ms);
  }

  /** Takes what is fresh, ascending. */
  takeFresh(): number[] {
    const taken = this.#fresh;
    // In order already, unless tasks ran side by side.
    if (taken.some((position, i) => position < (taken[i - 1] ?? 0))) taken.sort((a, b) => a - b);
    this.#fresh = [];
    this.freshSinceMs = null;
    return taken;
  }

  /** Gives back what a report had no room for, ascending. */
  untake(positions: number[], nowMs: number): void {
    this.#fresh = positions;
    this.freshSinceMs = nowMs;
  }

  #indexAt(position: number): number {
    const index = this.indexes[position];
    if (index === undefined) throw this.#noPosition(position);
    return index;
  }

  #noPosition(position: number): RangeError {
    return new RangeError(`position ${position} of ${this.name}, which has ${this.indexes.length}`);
  }
}

const NO_WINNERS: ReadonlyMap<number, TaskId> = new Map();

function assertRanges(path: string, ranges: readonly Range[], count: number): void {
  let last = 0;
  for (const [from, to] of ranges) {
    if (from < last || to <= from || to > count)
      throw new RecordError(path, `tasks: [${from}, ${to}) of a batch of ${count}, ranges must ascend and fit`);
    last = to;
  }
  if (countOf(ranges) === 0) throw new RecordError(path, 'tasks: none');
}

/** A loop rather than a generator: every task comes by here. */
function indexList(ranges: readonly Range[]): number[] {
  const indexes: number[] = [];
  for (const [from, to] of ranges) for (let index = from; index < to; index++) indexes.push(index);
  return indexes;
}

/** The group of each index in one walk: a batch may have as many groups as tasks. */
function groupsOf(indexes: readonly number[], groups: readonly TaskGroup[]): TaskGroup[] {
  const found: TaskGroup[] = [];
  let end = 0;
  let at = 0;
  for (const group of groups) {
    end += group.count;
    for (; at < indexes.length && (indexes[at] ?? end) < end; at++) found.push(group);
  }
  return found;
}
