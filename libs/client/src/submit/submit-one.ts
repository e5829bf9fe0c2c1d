import type { TaskOptions } from '@drover/core';
import { TaskHandle, type TaskHome } from '../task.js';
import type { BatchRef, Entry } from './gather.js';
import type { PreparedTask } from './prepare.js';
import type { Submitter } from './submitter.js';

/** Resolves when the task is durable. */
export function submitOne(submitter: Submitter, home: TaskHome, prepared: PreparedTask): Promise<TaskHandle<unknown>> {
  return new Promise((resolve, reject) => {
    submitter.add(prepared.queue, new SubmittedTask(prepared, home, resolve, reject));
  });
}

class SubmittedTask implements Entry {
  readonly options: TaskOptions;
  readonly payload: string;
  readonly bytes: number;
  readonly #home: TaskHome;
  readonly #resolve: (task: TaskHandle<unknown>) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    { options, payload, bytes }: PreparedTask,
    home: TaskHome,
    resolve: (task: TaskHandle<unknown>) => void,
    reject: (error: unknown) => void,
  ) {
    this.options = options;
    this.payload = payload;
    this.bytes = bytes;
    this.#home = home;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  acknowledged(batch: BatchRef, index: number, deduplicated: boolean): void {
    this.#resolve(new TaskHandle(this.#home, batch, index, deduplicated));
  }

  failed(error: unknown): void {
    this.#reject(error);
  }
}
