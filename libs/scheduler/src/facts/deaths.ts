import { taskId, type BatchId, type Outcome, type RangeEnd } from '@drover/core';
import { decodeResult, failureOf, optionsAt, workerName, type BatchHeader, type TaskEnd } from '@drover/protocol';
import type { KnownError } from '../commands/operations.js';
import type { TermContext } from '../term/term-context.js';

/** The most characters of an error's text in the log. */
const MOST_CHARS = 500;
const DEADLY: ReadonlySet<Outcome> = new Set<Outcome>([
  'failed',
  'rejected',
  'timed-out',
  'later',
  'lost',
  'expired',
  'exceeded',
  'refused',
]);

/** Of these the attempt has failed, whatever comes of the task. */
const FAILED: ReadonlySet<Outcome> = new Set<Outcome>([
  'failed',
  'rejected',
  'timed-out',
  'lost',
  'expired',
  'exceeded',
  'refused',
]);

interface Known {
  readonly isLogged: boolean;
  /** `null`: nobody will ask. */
  readonly error: KnownError | null;
}

interface Ends {
  batch: BatchId;
  header: BatchHeader;
  attempt: number;
  ends: readonly RangeEnd[];
  /** True: it happened while this leader led. */
  isNew: boolean;
  /** Id of the worker that had the tasks; absent: none had, or that is not known. */
  worker?: string;
}

/** Whether a task may have failed for good with one of these. */
export const isDeadly = (ends: readonly RangeEnd[]): boolean => ends.some(({ outcome }) => DEADLY.has(outcome));

/**
 * Logs each task that failed for good, with its error: as soon as the leader hears of it, and no later than with the
 * end of its batch. Failures that a takeover finds are logged with the batch, so that a change of leader hides none.
 */
export class Deaths {
  readonly #context: TermContext;
  /** By unfinished batch and index of the task: the error, and whether it was logged. */
  readonly #known = new Map<BatchId, Map<number, Known>>();

  constructor(context: TermContext) {
    this.#context = context;
  }

  /**
   * The planner has been told of a report, or of an `end` of a leader, that `isDeadly`; `data`: the result as it is in
   * ZooKeeper.
   */
  reported(told: Ends, path: string, data: Uint8Array): void {
    let ends: TaskEnd[] = [];
    let { worker } = told;
    try {
      const result = decodeResult(path, data);
      ends = result.ends;
      if (result.header.leader !== true) ({ worker } = result.header);
    } catch {
      // The header can be read and some line cannot: the failures count, and their errors are unknown.
    }
    const byIndex = new Map(ends.map((end) => [end.index, end]));
    const whose = worker === undefined ? told : { ...told, worker };
    this.#ended(whose, (index, outcome) => byIndex.get(index) ?? { index, outcome, line: null });
  }

  /** The leader ended these tasks itself. */
  taken(told: Ends): void {
    this.#ended(told, (index, outcome) => ({ index, outcome, line: null }));
  }

  /** Logs those of `failed` that were not logged yet. */
  finished(batch: BatchId, header: BatchHeader, failed: readonly number[], attempts: readonly number[]): void {
    const known = this.#known.get(batch);
    this.#known.delete(batch);
    failed.forEach((index, i) => {
      const { isLogged, error } = known?.get(index) ?? UNKNOWN;
      if (!isLogged) this.#log(batch, header, index, attempts[i] ?? 1, textOf(error));
    });
  }

  /** `null`: this leader has not heard it. */
  errorOf(batch: BatchId, index: number): KnownError | null {
    return this.#known.get(batch)?.get(index)?.error ?? null;
  }

  /** Somebody has erased the task: its error is told to nobody any more. */
  erased(batch: BatchId, index: number): void {
    const known = this.#known.get(batch);
    if (known?.has(index) === true) known.set(index, { isLogged: true, error: null });
  }

  forget(batch: BatchId): void {
    this.#known.delete(batch);
  }

  #ended(told: Ends, endOf: (index: number, outcome: Outcome) => TaskEnd): void {
    const { batch, header, attempt, ends, isNew } = told;
    const { planner } = this.#context;
    for (const { from, to, outcome } of ends) {
      if (!DEADLY.has(outcome)) continue;
      for (let index = from; index < to; index++) {
        const state = planner.stateOf({ batch, index });
        if (isNew && FAILED.has(outcome) && state !== 'cancelled')
          this.#tellFailure(told, endOf(index, outcome), state);
        if (state !== 'failed') continue;
        const { name, message } = failureOf(endOf(index, outcome));
        const error = { name: name.slice(0, MOST_CHARS), message: message.slice(0, MOST_CHARS) };
        if (isNew) this.#log(batch, header, index, attempt, textOf(error));
        const isAsked = !isNew || planner.tellsDeaths(header.queue);
        this.#remember(batch, index, { isLogged: isNew, error: isAsked ? error : null });
      }
    }
  }

  /** For whoever watches failures, those included that are tried again. */
  #tellFailure({ batch, header, attempt, worker }: Ends, end: TaskEnd, state: string | null): void {
    const { failures, runtime, clock } = this.#context;
    if (!failures.admits(runtime.monotonic())) return;
    const { type } = optionsAt(header.groups, end.index);
    const { name, message } = failureOf(end);
    failures.note({
      ...{ task: taskId(batch, end.index), attempt, type, queue: header.queue, at: clock.now() },
      ...{ worker: worker === undefined ? null : workerName(worker), error: { name, message } },
      final: state === 'failed',
    });
  }

  #remember(batch: BatchId, index: number, death: Known): void {
    const known = this.#known.get(batch) ?? new Map<number, Known>();
    this.#known.set(batch, known);
    known.set(index, death);
  }

  #log(batch: BatchId, header: BatchHeader, index: number, attempts: number, error: string): void {
    const { type } = optionsAt(header.groups, index);
    this.#context.log.event('task.dead', { task: taskId(batch, index), type, attempts, error });
  }
}

const UNKNOWN: Known = { isLogged: false, error: null };
const textOf = (error: KnownError | null): string =>
  error === null ? 'the error is not known' : `${error.name}: ${error.message}`.slice(0, MOST_CHARS);
