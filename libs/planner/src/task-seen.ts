import { matchesFilter, taskId, type BatchId, type Filter, type FilterTarget, type ShownState } from '@drover/core';
import type { Assignment } from './assignments.js';
import type { TaskName } from './model.js';
import type { State } from './state.js';
import type { BatchState } from './tasks.js';
import { stateAt, type SeenState } from './views.js';

/** A task as the planner remembers it. */
export interface TaskRow extends TaskName {
  readonly type: string;
  readonly queue: string;
  readonly state: SeenState;
  /** The number of its last attempt; 0: none, or it is not remembered (of a task that has ended well). */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly submittedAt: number;
  /** When it is due, while it is `scheduled` or `retrying`. */
  readonly dueAt: number | null;
  /** Id of the worker that has it; null: it is not out. */
  readonly workerId: string | null;
  /** When the worker was given it. */
  readonly assignedAt: number | null;
  /** When its batch was finished. */
  readonly finishedAt: number | null;
  readonly key: string | null;
  /** Empty: none. */
  readonly tenant: string;
  readonly priority: number;
  /** As `Known.errorOf` tells it. */
  readonly error: TaskError | null;
}

export interface TaskError {
  readonly name: string;
  readonly message: string;
}

/** Knowledge of tasks that others have and the planner has not. */
export interface Known {
  /** The name of the worker with this id, as filters and rows name it. */
  readonly workerName: (id: string) => string;
  /** Why the task has failed, or its last attempt did; null: nobody knows. */
  readonly errorOf: (batch: BatchId, index: number) => TaskError | null;
  /** Whether the worker says that it runs the attempt; null: nobody knows, so it is found as both. */
  readonly isRunning: ((worker: string, task: TaskName, attempt: number) => boolean) | null;
}

/** Workers are named by their ids, and no errors are known. */
export const NOTHING_KNOWN: Known = { workerName: (id) => id, errorOf: () => null, isRunning: null };

/** States in which a task of the batch can be, by its counters. */
const MAY_BE: Readonly<Record<SeenState, (batch: BatchState) => boolean>> = {
  scheduled: (batch) => !batch.ended,
  pending: (batch) => !batch.ended,
  retrying: (batch) => !batch.ended && batch.table !== null,
  assigned: ({ assignments }) => assignments > 0,
  succeeded: ({ succeeded }) => succeeded > 0,
  failed: ({ failed }) => failed > 0,
  cancelled: ({ cancelled }) => cancelled > 0,
  ended: ({ succeeded, cancelled }) => succeeded > 0 && cancelled > 0,
};
const SEEN_STATES = Object.keys(MAY_BE) as readonly SeenState[];

/** The states by which a filter may call such a task: whoever shows it can look closer. */
const CALLED: Readonly<Partial<Record<SeenState, readonly ShownState[]>>> = {
  assigned: ['assigned', 'running'],
  ended: ['succeeded', 'cancelled'],
};
const namesOf = (state: SeenState): readonly ShownState[] => CALLED[state] ?? [state as ShownState];

const RUNNING: readonly ShownState[] = ['running'];
const ASSIGNED: readonly ShownState[] = ['assigned'];

const OF_BATCHES: ReadonlySet<string> = new Set(['queue', 'batch', 'since', 'until']);

/** One task after the other as a filter sees it. Only the fields that the filter names are looked up. */
export class TaskSeen implements FilterTarget {
  readonly #state: State;
  readonly #now: number;
  readonly #known: Known;
  readonly #ofBatches: Filter;
  readonly #ofTasks: Filter;
  /** Null: the filter says nothing of states. */
  readonly #states: readonly SeenState[] | null;
  #batch: BatchState | null = null;
  #index = 0;
  state: ShownState = 'pending';

  constructor(state: State, filter: Filter, now: number, known: Known) {
    this.#state = state;
    this.#now = now;
    this.#known = known;
    this.#ofBatches = filter.filter(({ field }) => OF_BATCHES.has(field));
    this.#ofTasks = filter.filter(({ field }) => !OF_BATCHES.has(field));
    const ofStates = filter.filter(({ field }) => field === 'state');
    this.#states = ofStates.length === 0 ? null : SEEN_STATES.filter((seen) => this.#isCalled(ofStates, namesOf(seen)));
  }

  /** False: no task of the batch matches. */
  mayMatchIn(batch: BatchState): boolean {
    this.#at(batch, 0);
    const isPossible = this.#states === null || this.#states.some((seen) => MAY_BE[seen](batch));
    return isPossible && matchesFilter(this.#ofBatches, this, this.#now);
  }

  /** How many tasks of the batch match, where its counters tell; null: they must be looked at. */
  countIn(batch: BatchState): number | null {
    if (batch.purged.length > 0) return null;
    if (this.#ofTasks.length === 0) return batch.count;
    const isOfStates = this.#ofTasks.every(({ field }) => field === 'state');
    if (!isOfStates || this.#states === null || batch.finished === null) return null;
    if (batch.succeeded > 0 && batch.cancelled > 0 && batch.finished.cancelledTasks === null) return null;
    const counts: Partial<Record<SeenState, number>> = {
      succeeded: batch.succeeded,
      failed: batch.failed,
      cancelled: batch.cancelled,
    };
    return this.#states.reduce((sum, seen) => sum + (counts[seen] ?? 0), 0);
  }

  matches(batch: BatchState, index: number): boolean {
    if (batch.isPurged(index)) return false;
    this.#at(batch, index);
    if (this.#ofTasks.length === 0) return true;
    if (this.#states === null) return matchesFilter(this.#ofTasks, this, this.#now);
    return this.#isCalled(this.#ofTasks, this.#namesAt(batch, index));
  }

  row(): TaskRow {
    const batch = this.#of;
    const index = this.#index;
    const { maxAttempts, tenant, priority } = batch.groupAt(index);
    const { type, queue, key, attempt, submittedAt, error = null } = this;
    const state = stateAt(batch, index);
    // Nobody knows yet when an item of a map is due that has not begun.
    const isLater = (state === 'scheduled' || state === 'retrying') && batch.waitsSince(index) !== Infinity;
    const dueAt = isLater ? batch.waitsSince(index) : null;
    const assignedAt = this.#assignment?.fact.at ?? null;
    const workerId = this.#assignment?.worker.id ?? null;
    const finishedAt = batch.finished?.at ?? null;
    const times = { submittedAt, dueAt, assignedAt, finishedAt };
    const group = { maxAttempts, tenant, priority };
    return { batch: batch.id, index, type, queue, state, attempt, ...group, workerId, key, error, ...times };
  }

  get id(): string {
    return taskId(this.#of.id, this.#index);
  }
  get type(): string {
    return this.#of.groupAt(this.#index).type;
  }
  get key(): string | null {
    const { key, unique } = this.#of.groupAt(this.#index);
    return key ?? unique?.key ?? null;
  }
  get queue(): string {
    return this.#of.queueName;
  }
  get submittedAt(): number {
    return this.#of.submittedAt;
  }
  get worker(): string | null {
    const id = this.#assignment?.worker.id;
    return id === undefined ? null : this.#known.workerName(id);
  }
  get error(): TaskError | undefined {
    return this.#known.errorOf(this.#of.id, this.#index) ?? undefined;
  }
  get attempt(): number {
    const { finished, table } = this.#of;
    if (finished !== null) return finished.attempts[finished.failed.indexOf(this.#index)] ?? 0;
    return this.#assignment?.fact.attempt ?? table?.progress(this.#index).attempt ?? 0;
  }

  get #assignment(): Assignment | undefined {
    return this.#state.assignments.bySeq(this.#of.table?.holder(this.#index) ?? 0);
  }

  get #of(): BatchState {
    if (this.#batch === null) throw new Error('no task is looked at yet');
    return this.#batch;
  }

  #at(batch: BatchState, index: number): void {
    this.#batch = batch;
    this.#index = index;
  }

  #namesAt(batch: BatchState, index: number): readonly ShownState[] {
    const state = stateAt(batch, index);
    const assignment = state === 'assigned' ? this.#assignment : undefined;
    if (assignment === undefined || this.#known.isRunning === null) return namesOf(state);
    const { worker, attempt } = assignment.fact;
    return this.#known.isRunning(worker, { batch: batch.id, index }, attempt) ? RUNNING : ASSIGNED;
  }

  #isCalled(terms: Filter, names: readonly ShownState[]): boolean {
    return names.some((name) => {
      this.state = name;
      return matchesFilter(terms, this, this.#now);
    });
  }
}
