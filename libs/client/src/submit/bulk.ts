import type { Runtime } from '@drover/runtime';
import type { ClientLimits, TaskInput } from '../options.js';
import type { Results } from '../results/results.js';
import type { TaskHome } from '../task.js';
import { Ahead } from './ahead.js';
import { Budget } from './budget.js';
import { Output } from './output.js';
import { prepare, type PreparedTask } from './prepare.js';
import type { Submitter } from './submitter.js';
import type { OptionsResolver } from './task-options.js';

export type Inputs = Iterable<TaskInput> | AsyncIterable<TaskInput>;

export interface BulkContext {
  submitter: Submitter;
  results: Results;
  home: TaskHome;
  runtime: Runtime;
  limits: ClientLimits;
  resolver: OptionsResolver;
}

/**
 * The plumbing that `submitMany` and `run` share: inputs are read while there is room for what they become; reading the
 * output makes room again. The output ends when the inputs have, and everything taken in is out; with the error that
 * ended the inputs, if any.
 */
export class Bulk<Value extends { readonly bytes: number }> {
  readonly output: Output<Value>;
  readonly #budget: Budget;
  readonly #ahead: Ahead<TaskInput>;
  #inputsEnded = false;
  #inputsError: unknown = null;

  constructor(inputs: Inputs, context: BulkContext, on: { take: (task: PreparedTask) => void; left: () => void }) {
    const { limits, runtime, resolver } = context;
    this.#budget = new Budget({ tasks: limits.aheadTasks, bytes: limits.aheadBytes });
    this.output = new Output({
      read: (value) => this.#wasRead(value),
      left: () => {
        this.#ahead.stop();
        on.left();
      },
    });
    this.#ahead = new Ahead(
      inputs,
      {
        hasRoom: () => this.#budget.hasRoom,
        take: (input) => {
          const prepared = prepare(resolver, input.type, input.payload, input);
          this.#budget.take(prepared.bytes);
          on.take(prepared);
        },
        done: (error) => this.#inputsDone(error),
      },
      runtime,
    );
  }

  start(): void {
    this.#ahead.read();
  }

  /** Something taken in cannot come out: the whole ends. */
  fail(error: unknown): void {
    this.#ahead.stop();
    this.output.end(error);
  }

  #wasRead(value: Value): void {
    this.#budget.giveBack(value.bytes);
    if (this.#inputsEnded) this.#endIfEmpty();
    else this.#ahead.read();
  }

  #inputsDone(error: unknown): void {
    this.#inputsEnded = true;
    this.#inputsError = error;
    this.#endIfEmpty();
  }

  #endIfEmpty(): void {
    if (this.#budget.empty) this.output.end(this.#inputsError);
  }
}
