import type { TaskOptions } from '@drover/core';
import { TaskHandle, type TaskHome } from '../task.js';
import { Bulk, type BulkOptions, type Inputs } from './bulk.js';
import type { BatchRef, Entry } from './gather.js';
import type { Output } from './output.js';
import type { PreparedTask } from './prepare.js';
import type { Submitter } from './submitter.js';

export interface BulkContext extends Pick<BulkOptions, 'runtime' | 'limits' | 'resolver'> {
  submitter: Submitter;
  home: TaskHome;
}

/** Tasks come out in the order of the inputs, each when it is durable. */
export function submitMany(inputs: Inputs, context: BulkContext): Output<TaskHandle<unknown>> {
  return new OrderedSubmit(inputs, context).bulk.output;
}

class OrderedSubmit {
  readonly bulk: Bulk<TaskHandle<unknown>>;
  readonly home: TaskHome;
  /** Not out yet, in order; those before `#head` are. */
  readonly #waiting: OrderedTask[] = [];
  #head = 0;

  constructor(inputs: Inputs, context: BulkContext) {
    this.home = context.home;
    const take = (prepared: PreparedTask): void => {
      const task = new OrderedTask(this, prepared);
      this.#waiting.push(task);
      context.submitter.add(prepared.queue, task);
    };
    this.bulk = new Bulk(inputs, { ...context, take, left: () => undefined });
  }

  acknowledged(task: OrderedTask): void {
    this.bulk.holdsMore(-task.bytes);
    for (;;) {
      const handle = this.#waiting[this.#head]?.handle ?? null;
      if (handle === null) break;
      this.#head++;
      this.bulk.output.push(handle, 0);
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
  handle: TaskHandle<unknown> | null = null;
  readonly #many: OrderedSubmit;

  constructor(many: OrderedSubmit, { options, payload, bytes }: PreparedTask) {
    this.options = options;
    this.payload = payload;
    this.bytes = bytes;
    this.#many = many;
  }

  acknowledged(batch: BatchRef, index: number, deduplicated: boolean): void {
    this.handle = new TaskHandle(this.#many.home, batch, index, deduplicated);
    this.#many.acknowledged(this);
  }

  failed(error: unknown): void {
    this.#many.bulk.fail(error);
  }
}
