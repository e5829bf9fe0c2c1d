import type { Runtime } from '@drover/runtime';
import type { ClientLimits, TaskInput } from '../options.js';
import { Ahead } from './ahead.js';
import { Budget } from './budget.js';
import { Output } from './output.js';
import { prepare, type PreparedTask } from './prepare.js';
import type { OptionsResolver } from './task-options.js';

export type Inputs = Iterable<TaskInput> | AsyncIterable<TaskInput>;

export interface BulkOptions {
  runtime: Runtime;
  limits: ClientLimits;
  resolver: OptionsResolver;
  /** A task was read from the inputs. */
  take: (task: PreparedTask) => void;
  /** The reader has left, or the whole has failed. */
  left: () => void;
}

/**
 * The plumbing that `submitMany` and `run` share: inputs are read while there is room for what they become; reading the
 * output makes room again. The output ends when the inputs have and everything taken in is out, with the error that
 * ended the inputs, if any.
 */
export class Bulk<Value> {
  readonly output: Output<Value>;
  readonly #budget: Budget;
  readonly #ahead: Ahead<TaskInput>;
  readonly #left: () => void;
  #inputsEnded = false;
  #inputsError: unknown = null;

  constructor(inputs: Inputs, options: BulkOptions) {
    const { limits, runtime, resolver } = options;
    this.#left = options.left;
    this.#budget = new Budget({ tasks: limits.aheadTasks, bytes: limits.aheadBytes });
    this.output = new Output({
      begun: () => this.#ahead.read(),
      read: (bytes) => this.#wasRead(bytes),
      left: () => this.#leave(),
    });
    const take = (input: TaskInput): void => {
      const prepared = prepare(resolver, input.type, input.payload, input);
      this.#budget.take(prepared.bytes);
      options.take(prepared);
    };
    const to = { take, hasRoom: () => this.#budget.hasRoom, done: (error: unknown) => this.#inputsDone(error) };
    this.#ahead = new Ahead(inputs, to, runtime);
  }

  /** What a task holds has changed by so many bytes. */
  holdsMore(bytes: number): void {
    this.#budget.change(bytes);
    if (bytes < 0) this.#ahead.read();
  }

  /** Something taken in cannot come out: the whole ends. */
  fail(error: unknown): void {
    this.#leave();
    this.output.end(error);
  }

  #leave(): void {
    this.#ahead.stop();
    this.#left();
  }

  #wasRead(bytes: number): void {
    this.#budget.giveBack(bytes);
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
