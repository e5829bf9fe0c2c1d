import {
  countOf,
  RecordError,
  taskId,
  type Amounts,
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
import type { CallEnd } from '../execution/executor.js';
import type { AssignedSteps } from '../steps/assigned-steps.js';
import type { StepCall } from '../steps/step-call.js';
import type { Ended } from './ended.js';
import { Places } from './places.js';

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
  /** The path of the assignment of another attempt at its one task, the first success of which counts; `null`: there is none. */
  rival: string | null = null;
  /** It was begun beside that one: unless it succeeds, it has been nothing. */
  isCopy = false;
  /** It has succeeded, and its rival is gone: the leader will say what becomes of it. */
  isHeld = false;
  /** How long tasks took that no report has told of yet, each by itself. Only where the leader asks. */
  busyMs = 0;
  /** `null`: its tasks name no resources, each takes a slot. */
  readonly places: Places | null;
  /** The resources that each of its tasks needs, whatever it says itself; `null`: what it says. */
  readonly #use: Amounts | null;
  /** Index in the batch, by position. */
  readonly indexes: readonly number[];
  readonly #batch: Batch;
  /** `null`: its tasks are no steps of runs. */
  readonly #steps: AssignedSteps | null;
  /** By index in the batch: JSON text. */
  readonly #checkpoints: ReadonlyMap<number, string>;
  readonly #options: readonly TaskGroup[];
  readonly #ends: (Ended | undefined)[];
  #fresh: number[] = [];
  #winners: ReadonlyMap<number, TaskId> = NO_WINNERS;
  /** `null`: no attempt is traced. */
  #followed: Map<number, TraceContext> | null = null;
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
    steps: AssignedSteps | null = null,
    checkpoints: ReadonlyMap<number, string> = NO_CHECKPOINTS,
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
    this.#use = record.use ?? null;
    this.places = isPlaced(record, batch) ? new Places(record.width, record.devices) : null;
    this.indexes = indexList(record.tasks);
    this.#batch = batch;
    this.#steps = steps;
    this.#checkpoints = checkpoints;
    this.#options = groupsOf(this.indexes, batch.header.groups);
    this.#ends = new Array<Ended | undefined>(this.indexes.length).fill(undefined);
  }

  get queue(): string {
    return this.#batch.header.queue;
  }

  /** It is for this worker alone, and also while it drains. */
  get isForDraining(): boolean {
    const { broadcast } = this.#batch.header;
    return broadcast !== undefined && broadcast.skipDraining !== true;
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

  /** JSON text that an earlier attempt has left; `undefined`: nothing. */
  checkpointAt(position: number): string | undefined {
    return this.#checkpoints.get(this.#indexAt(position));
  }

  /** Resources that it needs while it runs: a slot where none is named. */
  demandAt(position: number): Amounts {
    return this.#use ?? this.optionsAt(position).resources ?? ONE;
  }

  /** Which fire of a schedule it is, or its run or broadcast is; `undefined`: none. */
  fireAt(position: number): TaskFire | undefined {
    const { fires, broadcast } = this.#batch.header;
    const index = this.#indexAt(position);
    const fire = fires?.[index] ?? broadcast?.fire ?? this.#steps?.fireOf(index);
    return fire === undefined ? undefined : taskFire(fire);
  }

  /** Its tasks are steps of runs. */
  get hasSteps(): boolean {
    return this.#steps !== null;
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

  /** The attempt at it goes with this context, in whatever is told of it. */
  follow(position: number, trace: TraceContext): void {
    this.#followed ??= new Map();
    this.#followed.set(position, trace);
  }

  /** The contexts of those that are followed; `null`: none is. */
  followedAmong(positions: readonly number[], most: number): readonly TraceContext[] | null {
    const followed = this.#followed;
    if (followed === null) return null;
    const traces = positions.flatMap((position) => followed.get(position) ?? []);
    return traces.length === 0 ? null : traces.slice(0, most);
  }

  /**
   * JSON text; `undefined` where a finished batch no longer has it; an end where it cannot be made, since what the step needs is
   * gone.
   */
  payloadAt(position: number): string | CallEnd | undefined {
    const index = this.#indexAt(position);
    return this.#steps?.payload(index) ?? this.#batch.payload(index);
  }

  /** The task as a step of a run; `undefined`: it is none. */
  stepAt(position: number): StepCall | undefined {
    return this.#steps?.call(this.#indexAt(position), this);
  }

  /** The list that the task gives is items of a map. */
  expandsAt(position: number): boolean {
    return this.#steps?.expands(this.#indexAt(position)) === true;
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

/** A slot, and nothing else. */
const ONE: Amounts = Object.freeze({});

/** Whether its tasks need more than a slot each. */
const isPlaced = ({ use, width, devices }: AssignmentRecord, { header }: Batch): boolean =>
  use !== undefined ||
  width !== undefined ||
  devices !== undefined ||
  header.groups.some(({ resources }) => resources !== null);

const NO_WINNERS: ReadonlyMap<number, TaskId> = new Map();
const NO_CHECKPOINTS: ReadonlyMap<number, string> = new Map();

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
