import type { FinishedTask } from '@drover/client';
import type { TaskId } from '@drover/core';
import type { Work } from '../tasks/choose.js';

/** A task that is durable, as far as a client of a chaos run uses it. */
export interface Submitted {
  readonly id: TaskId;
  readonly deduplicated: boolean;
  result(): Promise<unknown>;
  cancel(): Promise<{ ok: boolean; state?: string; message?: string }>;
}

/** The ways to submit: of the client library, or of the HTTP API. */
export interface Submitter {
  submit(type: string, payload: unknown, options: object): Promise<Submitted>;
  submitMany(inputs: Iterable<Work['input']>): AsyncIterable<Submitted>;
  run(inputs: Iterable<Work['input']>): AsyncIterable<FinishedTask>;
  task(id: TaskId): Pick<Submitted, 'id' | 'result'>;
}
