import { valuesOf, type BatchId, type Filter } from '@drover/core';
import type { TaskName } from './model.js';
import type { State } from './state.js';
import { NOTHING_KNOWN, TaskSeen, type Known, type TaskRow } from './task-seen.js';
import type { BatchState } from './tasks.js';

/**
 * Pages over all tasks, for views: in the order of batch ids (the time of their submit, about) and indexes, cut by a
 * key. Nothing is stored for them and no index is kept, so a page is found by a walk over all batches: one walk for one
 * page, whatever the filter, for it picks the next `limit` batches that have a task that matches. A walk stops when its
 * budget is used up, and the next call goes on with it. Facts may come in between: a task that exists and matches all
 * the time is on one page, one that comes, goes or changes may be on one or on none, and no task is on two.
 */
export interface PageRequest extends CountRequest {
  readonly order: 'oldest' | 'newest';
  /** Rows of a page, at least 1. */
  readonly limit: number;
}

/** Which tasks. */
export interface CountRequest {
  readonly filter: Filter;
  /** The instant that times in the filter are counted from: milliseconds since 1970. */
  readonly now: number;
  /** Default: `NOTHING_KNOWN`. */
  readonly known?: Known;
}

/** Milliseconds that a call may take, by this clock. It takes somewhat longer: the clock is looked at now and then. */
export interface PageBudget {
  readonly ms: number;
  readonly clock: () => number;
}

/**
 * The place to go on from. `after`: behind this task; null: from the start. `walk`: a walk that is under way, for the
 * same request.
 * Only `after` can be written down: who goes on with it alone begins the walk anew.
 */
export interface PageCursor {
  readonly after: TaskName | null;
  readonly walk?: Walk;
}

export interface Page {
  /** None while the page is not complete. */
  readonly rows: readonly TaskRow[];
  /** Null: there is nothing more. A page may be short although there is. */
  readonly next: PageCursor | null;
  /** False: the budget was used up before the page was found; go on with `next`. */
  readonly complete: boolean;
  /** Batches and tasks that this call has looked at. */
  readonly scanned: number;
}

/** Looks between two looks at the clock: a few microseconds. */
export const LOOKS = 64;

export function pageOf(state: State, request: PageRequest, cursor: PageCursor | null, budget: PageBudget): Page {
  const until = budget.clock() + budget.ms;
  const after = cursor?.after ?? null;
  // One of an earlier term has walked over what another leader knew.
  const walk = cursor?.walk?.state === state ? cursor.walk : new Walk(state, request, after);
  let scanned = 0;
  do {
    scanned += walk.step();
    if (walk.found !== null) return { ...walk.found, complete: true, scanned };
  } while (budget.clock() < until);
  return { rows: [], next: { after, walk }, complete: false, scanned };
}

type Found = Pick<Page, 'rows' | 'next'>;

/** The walk for one page. */
class Walk {
  readonly state: State;
  readonly #steps: Generator<number, Found & { looks: number }>;
  found: Found | null = null;

  constructor(state: State, request: PageRequest, after: TaskName | null) {
    this.state = state;
    this.#steps = walk(state, request, after);
  }

  /** Goes a little further; answers how many looks that were. */
  step(): number {
    if (this.found !== null) return 0;
    const { done, value } = this.#steps.next();
    if (done !== true) return value;
    const { rows, next, looks } = value;
    this.found = { rows, next };
    return looks;
  }
}

/** Yields the looks since the last time. */
function* walk(
  state: State,
  request: PageRequest,
  after: TaskName | null,
): Generator<number, Found & { looks: number }> {
  const limit = Math.max(1, Math.floor(request.limit));
  const order = request.order === 'oldest' ? OLDEST : NEWEST;
  const task = new TaskSeen(state, request.filter, request.now, request.known ?? NOTHING_KNOWN);
  const nearest = new Nearest(limit + 1, order);
  let looks = 0;
  for (const batch of candidates(state, request)) {
    looks++;
    if (isBehind(batch.id, after, order) && nearest.takes(batch.id) && task.mayMatchIn(batch))
      for (let index = order.first(batch, after); batch.has(index); index += order.step) {
        if (++looks >= LOOKS) {
          yield looks;
          looks = 0;
        }
        if (!task.matches(batch, index)) continue;
        nearest.add(batch);
        break;
      }
    if (looks < LOOKS) continue;
    yield looks;
    looks = 0;
  }
  const { batches, isCut } = nearest.settle();
  const rows: TaskRow[] = [];
  for (const batch of batches)
    for (let index = order.first(batch, after); batch.has(index) && !batch.removed; index += order.step) {
      if (++looks >= LOOKS) {
        yield looks;
        looks = 0;
      }
      if (!task.matches(batch, index)) continue;
      if (rows.length === limit) return { rows, next: { after: nameOf(rows.at(-1)) }, looks };
      rows.push(task.row());
    }
  // Not all of them still match: there may be more behind the last one that was picked.
  const last = isCut ? batches.at(-1) : undefined;
  return { rows, next: last === undefined ? null : { after: { batch: last.id, index: order.last(last) } }, looks };
}

const nameOf = (row: TaskRow | undefined): TaskName | null =>
  row === undefined ? null : { batch: row.batch, index: row.index };

/** Batches that can have rows. Those that come while somebody walks over them may be among them. */
function candidates(state: State, { filter, known = NOTHING_KNOWN }: CountRequest): Iterable<BatchState> {
  const workers = valuesOf(filter, 'worker');
  const ids = valuesOf(filter, 'batch');
  if (ids !== null) return [...ids].flatMap((id) => state.batches.get(id) ?? []);
  if (workers === null) return state.batches.values();
  const named = [...state.workers.all()].filter(({ id }) => workers.has(known.workerName(id)));
  const assignments = named.flatMap((worker) => [...worker.assignments]);
  return new Set(assignments.map(({ batch }) => batch));
}

interface Order {
  isBefore: (a: BatchId, b: BatchId) => boolean;
  readonly step: 1 | -1;
  /** The index in the batch that is looked at first. */
  first: (batch: BatchState, after: TaskName | null) => number;
  last: (batch: BatchState) => number;
}

const OLDEST: Order = {
  isBefore: (a, b) => a < b,
  step: 1,
  first: ({ id }, after) => (after?.batch === id ? after.index + 1 : 0),
  last: ({ count }) => count - 1,
};
const NEWEST: Order = {
  isBefore: (a, b) => a > b,
  step: -1,
  first: ({ id, count }, after) => (after?.batch === id ? Math.min(after.index, count) - 1 : count - 1),
  last: () => 0,
};

const isBehind = (id: BatchId, after: TaskName | null, { isBefore }: Order): boolean =>
  after === null || id === after.batch || isBefore(after.batch, id);

/**
 * The first `size` batches of those that are added: sorted now and then, so that each costs little in whatever order.
 */
class Nearest {
  readonly #size: number;
  readonly #order: Order;
  #batches: BatchState[] = [];
  #bound: BatchId | null = null;
  #isCut = false;

  constructor(size: number, order: Order) {
    this.#size = size;
    this.#order = order;
  }

  takes(id: BatchId): boolean {
    return this.#bound === null || this.#order.isBefore(id, this.#bound);
  }

  add(batch: BatchState): void {
    this.#batches.push(batch);
    if (this.#batches.length >= 4 * this.#size) this.#cut();
  }

  /** In their order. `isCut`: there were others. */
  settle(): { batches: readonly BatchState[]; isCut: boolean } {
    this.#cut();
    return { batches: this.#batches, isCut: this.#isCut };
  }

  #cut(): void {
    this.#batches.sort((a, b) => (a.id === b.id ? 0 : this.#order.isBefore(a.id, b.id) ? -1 : 1));
    if (this.#batches.length <= this.#size) return;
    this.#batches.length = this.#size;
    this.#bound = this.#batches.at(-1)?.id ?? null;
    this.#isCut = true;
  }
}

/** A count under way. It is of one term, and ends with it. */
export class Count {
  readonly #steps: Generator<number, void>;
  #count = 0;
  isComplete = false;

  constructor(state: State, request: CountRequest) {
    this.#steps = this.#walk(state, request);
  }

  /** The tasks that were found to match so far. */
  get count(): number {
    return this.#count;
  }

  /** Goes on until it is complete, or the budget is used up; answers whether it is complete. */
  goOn({ ms, clock }: PageBudget): boolean {
    const until = clock() + ms;
    while (!this.isComplete && clock() < until) this.isComplete = this.#steps.next().done === true;
    return this.isComplete;
  }

  *#walk(state: State, request: CountRequest): Generator<number, void> {
    const { filter, now, known = NOTHING_KNOWN } = request;
    const task = new TaskSeen(state, filter, now, known);
    let looks = 0;
    for (const batch of candidates(state, request)) {
      if (++looks >= LOOKS) {
        yield looks;
        looks = 0;
      }
      if (!task.mayMatchIn(batch)) continue;
      const counted = task.countIn(batch);
      this.#count += counted ?? 0;
      for (let index = 0; counted === null && batch.has(index) && !batch.removed; index++) {
        if (++looks >= LOOKS) {
          yield looks;
          looks = 0;
        }
        if (task.matches(batch, index)) this.#count++;
      }
    }
  }
}
