import type { TaskOptions } from '@drover/core';
import type { Metrics } from '@drover/observability';
import { TooManyUnwrittenError } from '../errors.js';
import { TaskHandle, type TaskHome } from '../task.js';
import type { Budget } from './budget.js';
import type { BatchRef, Entry } from './batch-builder.js';
import type { PreparedTask } from './prepare.js';
import type { Submitter } from './submitter.js';

export interface SubmitContext {
  submitter: Pick<Submitter, 'add'>;
  home: TaskHome;
  /** The tasks of all calls of `submit` that are not written yet. */
  unwritten: Budget;
  metrics: Metrics;
}

/** Resolves when the task is durable. Throws `TooManyUnwrittenError`. */
export function submitOne(context: SubmitContext, prepared: PreparedTask): Promise<TaskHandle<unknown>> {
  const { submitter, unwritten } = context;
  if (!unwritten.hasRoom) {
    context.metrics.count('drover_refused_tasks_total', { reason: 'unwritten' });
    throw new TooManyUnwrittenError(unwritten.taken);
  }
  unwritten.take(prepared.bytes);
  return new Promise((resolve, reject) => {
    submitter.add(prepared.queue, new SubmittedTask(context, prepared, resolve, reject));
  });
}

class SubmittedTask implements Entry {
  readonly options: TaskOptions;
  readonly payload: string;
  readonly bytes: number;
  readonly #context: SubmitContext;
  readonly #resolve: (task: TaskHandle<unknown>) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    context: SubmitContext,
    { options, payload, bytes }: PreparedTask,
    resolve: (task: TaskHandle<unknown>) => void,
    reject: (error: unknown) => void,
  ) {
    this.options = options;
    this.payload = payload;
    this.bytes = bytes;
    this.#context = context;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  acknowledged(batch: BatchRef, index: number, deduplicated: boolean): void {
    this.#context.unwritten.giveBack(this.bytes);
    this.#resolve(new TaskHandle(this.#context.home, batch, index, deduplicated));
  }

  failed(error: unknown): void {
    this.#context.unwritten.giveBack(this.bytes);
    this.#reject(error);
  }
}
