import type { TaskOptions } from '@drover/core';
import { SubmittedTaskHandle, type TaskHome } from '../task.js';
import { Bulk, type BulkOptions, type Inputs } from './bulk.js';
import type { BatchRef, Entry } from './batch-builder.js';
import type { Output } from './output.js';
import type { PreparedTask } from './prepare.js';
import type { Submitter } from './submitter.js';

export interface BulkContext extends Pick<BulkOptions, 'runtime' | 'limits' | 'resolver' | 'schemas'> {
  submitter: Submitter;
  home: TaskHome;
}

/** Tasks come out in the order of the inputs, each when it is durable: all that are, also where others are refused. */
export function submitMany(inputs: Inputs, context: BulkContext): Output<SubmittedTaskHandle> {
  return new OrderedSubmit(inputs, context).bulk.output;
}

class OrderedSubmit {
  readonly bulk: Bulk<SubmittedTaskHandle>;
  readonly home: TaskHome;
  /** Not out yet, in order; those before `#head` are. */
  readonly #waiting: OrderedTask[] = [];
  #head = 0;
  #taken = 0;

  constructor(inputs: Inputs, context: BulkContext) {
    this.home = context.home;
    const take = (prepared: PreparedTask): void => {
      const task = new OrderedTask(this, prepared, this.#taken++);
      this.#waiting.push(task);
      context.submitter.add(prepared.queue, task);
    };
    this.bulk = new Bulk(inputs, { ...context, take, left: () => undefined });
  }

  acknowledged(task: OrderedTask): void {
    this.bulk.holdsMore(-task.bytes);
    this.#letOut();
  }

  refused(task: OrderedTask, error: unknown): void {
    this.#letOut();
    this.bulk.refused(task.bytes, error);
  }

  #letOut(): void {
    for (;;) {
      const end = this.#waiting[this.#head]?.end ?? null;
      if (end === null) break;
      this.#head++;
      if (end !== 'refused') this.bulk.output.push(end, 0);
    }
    if (this.#head * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }
}

class OrderedTask implements Entry {
  readonly options: TaskOptions;
  readonly payload: string;
  readonly bytes: number;
  /** `null`: on its way. */
  end: SubmittedTaskHandle | 'refused' | null = null;
  readonly #many: OrderedSubmit;
  readonly #place: number;

  constructor(many: OrderedSubmit, { options, payload, bytes }: PreparedTask, place: number) {
    this.options = options;
    this.payload = payload;
    this.bytes = bytes;
    this.#many = many;
    this.#place = place;
  }

  acknowledged(batch: BatchRef, index: number, deduplicated: boolean): void {
    const place = { type: this.options.type, place: this.#place };
    this.end = new SubmittedTaskHandle(this.#many.home, { batch, index, deduplicated }, place);
    this.#many.acknowledged(this);
  }

  failed(error: unknown): void {
    this.end = 'refused';
    this.#many.refused(this, error);
  }
}
