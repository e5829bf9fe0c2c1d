import { taskId, type TaskOptions } from '@drover/core';
import type { FinishedTask } from '../api.js';
import type { RunOptions } from '../options.js';
import type { Waiter } from '../results/awaited-tasks.js';
import type { Ending } from '../results/ending.js';
import type { Results } from '../results/results.js';
import { Bulk, type Inputs } from './bulk.js';
import type { BatchRef, Entry } from './batch-builder.js';
import type { Output } from './output.js';
import type { PreparedTask } from './prepare.js';
import type { BulkContext } from './submit-many.js';

export interface RunContext extends Omit<BulkContext, 'home'> {
  results: Results;
  signal: AbortSignal | undefined;
  onSubmitted: RunOptions['onSubmitted'];
}

/** Tasks come out as they end. Each costs one object, and no promise of its own. */
export function run(inputs: Inputs, context: RunContext): Output<FinishedTask> {
  return new Run(inputs, context).bulk.output;
}

class Run {
  readonly bulk: Bulk<FinishedTask>;
  readonly results: Results;
  readonly #onSubmitted: RunOptions['onSubmitted'];
  readonly #unfinished = new Set<RunningTask>();
  readonly #stopListening: () => void;
  #taken = 0;
  #left = false;

  constructor(inputs: Inputs, context: RunContext) {
    const { submitter, results, signal, onSubmitted } = context;
    this.results = results;
    this.#onSubmitted = onSubmitted;
    const aborted = (): void => this.bulk.fail(signal?.reason);
    this.#stopListening = () => signal?.removeEventListener('abort', aborted);
    const take = (prepared: PreparedTask): void => {
      const task = new RunningTask(this, prepared, this.#taken++);
      this.#unfinished.add(task);
      submitter.add(prepared.queue, task);
    };
    this.bulk = new Bulk(inputs, { ...context, take, left: () => this.#leave() });
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  }

  get left(): boolean {
    return this.#left;
  }

  /** An error of the caller's function ends the run; the tasks stay submitted. */
  submitted(batch: BatchRef, index: number, place: number, deduplicated: boolean): void {
    if (this.#onSubmitted === undefined || this.#left) return;
    try {
      this.#onSubmitted({ id: taskId(batch.id, index), index: place, deduplicated });
    } catch (error) {
      this.bulk.fail(error);
    }
  }

  refused(task: RunningTask, error: unknown): void {
    this.#unfinished.delete(task);
    this.bulk.refused(task.bytes, error);
  }

  finished(task: RunningTask, value: FinishedTask, bytes: number): void {
    this.#unfinished.delete(task);
    this.bulk.holdsMore(bytes);
    this.bulk.output.push(value, bytes);
  }

  /** Nothing is awaited any longer; submitted tasks continue. */
  #leave(): void {
    this.#left = true;
    this.#stopListening();
    for (const task of this.#unfinished) task.leave();
    this.#unfinished.clear();
  }
}

class RunningTask implements Entry, Waiter {
  readonly options: TaskOptions;
  payload: string;
  readonly bytes: number;
  readonly #run: Run;
  readonly #place: number;
  #batch: BatchRef | null = null;
  #index = 0;
  #deduplicated = false;

  constructor(run: Run, { options, payload, bytes }: PreparedTask, place: number) {
    this.#run = run;
    this.options = options;
    this.payload = payload;
    this.bytes = bytes;
    this.#place = place;
  }

  acknowledged(batch: BatchRef, index: number, deduplicated: boolean): void {
    this.payload = '';
    this.#run.submitted(batch, index, this.#place, deduplicated);
    if (this.#run.left) return;
    this.#batch = batch;
    this.#index = index;
    this.#deduplicated = deduplicated;
    this.#run.bulk.holdsMore(-this.bytes);
    this.#run.results.wait(batch, index, this);
  }

  ended(ending: Ending, bytes: number): void {
    const id = taskId(this.#batch?.id ?? '', this.#index);
    const { type } = this.options;
    const value = { id, type, index: this.#place, deduplicated: this.#deduplicated, ...ending };
    this.#run.finished(this, value, bytes);
  }

  /** It was not submitted; or it was, and nobody can tell how it ends. */
  failed(error: unknown): void {
    if (this.#run.left) return;
    if (this.#batch === null) this.#run.refused(this, error);
    else this.#run.bulk.fail(error);
  }

  leave(): void {
    if (this.#batch !== null) this.#run.results.leave(this.#batch, this.#index, this);
  }
}
