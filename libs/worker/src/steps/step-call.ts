import type { TaskFailure, TaskFlow, TaskShard } from '@drover/core';

/** The place of a task in a run, for its handler: it can be sent to another thread. */
export interface StepPlace {
  readonly flow: TaskFlow;
  readonly shard?: TaskShard | undefined;
  /** Labels that the step declares. */
  readonly labels: readonly string[];
  /** The list that it gives is items of a map. */
  readonly expands: boolean;
  /** Maps whose results it may read. */
  readonly lists: readonly string[];
}

/** Results of consecutive items of a map. `values`: JSON, the text of a list. `next`: where the rest begins; `null`: there is none. */
export interface ResultsChunk {
  readonly values: string;
  readonly next: number | null;
}

/** A question of a handler to the main thread, which has the session. */
export type StepAsk =
  | { readonly kind: 'results'; readonly step: string; readonly from: number }
  /** Items of the list that it gives: JSON texts, the first of which is item `from`. */
  | { readonly kind: 'draft'; readonly from: number; readonly items: readonly string[] };
/** Of `draft`: `null`, when they are durable. */
export type StepReply = ResultsChunk | null;

/** A task that is a step, while it runs. */
export interface StepCall {
  readonly place: StepPlace;
  /** Rejects with `StepRefusedError`. */
  answer(ask: StepAsk): Promise<StepReply>;
  /** Starts the run that the task becomes. `text`: of the plan; `input`: JSON. Resolves with its id. Rejects as `answer`. */
  become(text: string, input: string): Promise<string>;
}

/** How a step ended, beside its result. */
export interface StepOutcome {
  readonly label?: string;
  readonly skipped?: true;
  /** Items that were found. */
  readonly expanded?: number;
  /** The run that the task became. */
  readonly becomes?: string;
}

/** Thrown where a step cannot read or write what it needs: how the attempt ends then. */
export class StepRefusedError extends Error {
  override readonly name: string;
  readonly retryable: boolean;
  constructor({ name, message, retryable }: TaskFailure, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
    this.retryable = retryable;
  }
}
