import { taskId, type TaskId } from '@drover/core';
import type { Runtime } from '@drover/runtime';
import type { SubmittedTask, Task, TaskEnding } from './api.js';
import type { ResultOptions } from './options.js';
import { awaitEnding, awaitResult } from './results/await-result.js';
import type { Results } from './results/results.js';
import type { BatchRef } from './submit/batch-builder.js';
import type { TaskView } from '@drover/inspect';
import type { TaskReply } from './replies.js';

/** The functions of the client that a task's handle calls. */
export interface TaskHome {
  readonly runtime: Runtime;
  /** Throws `ReadOnlyDriverError`. */
  results(): Results;
  get(id: TaskId): Promise<TaskView>;
  cancel(ids: Iterable<TaskId>): Promise<TaskReply[]>;
}

/** Takes little memory: the address of the task and the client. */
export class TaskHandle<Result> implements Task<Result> {
  readonly deduplicated: boolean;
  readonly #home: TaskHome;
  readonly #batch: BatchRef;
  readonly #index: number;

  constructor(home: TaskHome, batch: BatchRef, index: number, deduplicated: boolean) {
    this.#home = home;
    this.#batch = batch;
    this.#index = index;
    this.deduplicated = deduplicated;
  }

  get id(): TaskId {
    return taskId(this.#batch.id, this.#index);
  }

  /** Not `async`: a wait costs the one promise that the caller sees. */
  result(options?: ResultOptions): Promise<Result> {
    try {
      const { runtime } = this.#home;
      const waiting = awaitResult(this.#home.results(), runtime, this.#batch, this.#index, this.id, options);
      return waiting as Promise<Result>;
    } catch (error) {
      const reason = error as Error;
      return Promise.reject(reason);
    }
  }

  ending(options: Omit<ResultOptions, 'follow'> = {}): Promise<TaskEnding<Result>> {
    const { runtime } = this.#home;
    const waiting = awaitEnding(this.#home.results(), runtime, this.#batch, this.#index, this.id, options);
    return waiting as Promise<TaskEnding<Result>>;
  }

  async cancel(): Promise<TaskReply> {
    const [reply] = await this.#home.cancel([this.id]);
    return reply ?? { id: this.id, ok: false, message: 'the leader gave no reason' };
  }

  status(): Promise<TaskView> {
    return this.#home.get(this.id);
  }
}

/** A task that `submitMany` yields. */
export class SubmittedTaskHandle extends TaskHandle<unknown> implements SubmittedTask {
  readonly type: string;
  readonly index: number;

  constructor(
    home: TaskHome,
    at: { batch: BatchRef; index: number; deduplicated: boolean },
    given: { type: string; place: number },
  ) {
    super(home, at.batch, at.index, at.deduplicated);
    this.type = given.type;
    this.index = given.place;
  }
}
